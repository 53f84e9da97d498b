# Completes command lines in an interactive zsh as the key Tab does, and prints what is offered. Arguments: the file of the completion, then lines.
# An empty line follows what each is offered. The folder is the present one.
zmodload zsh/zpty
script=$1
shift
found=$(mktemp -d)
trap 'rm -rf $found' EXIT

zpty inner zsh -f -i
zpty -w inner "PROMPT= RPROMPT=; unsetopt beep; autoload -Uz compinit; compinit -u -D; source ${(q)script}"
# what compadd is given is written down as well
zpty -w inner 'compadd() {
  if [[ ${@[(I)-[OAD]]} -eq 0 ]]; then local -a hits; builtin compadd -A hits "$@"; (( $#hits )) && print -rl -- $hits >>$FOUND; fi
  builtin compadd "$@"
}'
zpty -w inner 'told() { zle complete-word; : >$FOUND.done; zle kill-whole-line; }; zle -N told; bindkey "^I" told; zstyle ":completion:*" list-grouped false; LISTMAX=10000'

number=0
for line; do
  file=$found/$((++number))
  zpty -w inner "FOUND=$file"
  zpty -w -n inner "$line"$'\t'
  for ((tried = 0; tried < 600; tried++)); do
    [[ -e $file.done ]] && break
    zpty -r -t inner ignored 2>/dev/null
    sleep 0.05
  done
  [[ -e $file.done ]] || { print -u2 "nothing came of: $line"; exit 1; }
  [[ -e $file ]] && print -r -- "$(<$file)"
  print
done
zpty -d inner
