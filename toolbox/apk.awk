# apk info [-v|-vv] [-e NAME...] and apk list --installed, from the target's own database.
BEGIN {
  for (i = 2; i < ARGC; i++) {
    if (ARGV[i] == "-v" || ARGV[i] == "-vv") verbose += length(ARGV[i]) - 1
    else if (ARGV[i] == "-e" || ARGV[i] == "--installed" || ARGV[i] == "-I") exists = 1
    else if (ARGV[i] !~ /^-/ && !(ARGV[i] in wanted)) wanted[ARGV[i]] = ++missing
  }
  asked = exists && ARGV[1] == "info"
  RS = ""
  FS = "\n"
  while ((getline < "/lib/apk/db/installed") > 0) read += package()
  while (!read && (getline < "/usr/lib/apk/db/installed") > 0) package()
  exit (asked && missing > 0)
}

function package(    i, field) {
  for (i = 1; i <= NF; i++) field[substr($i, 1, 1)] = substr($i, 3)
  if (!("P" in field) || (asked && !(field["P"] in wanted))) return 1
  missing--
  if (ARGV[1] == "list") printf "%s-%s %s {%s} (%s) [installed]\n", field["P"], field["V"], field["A"], field["o"], field["L"]
  else if (verbose == 0) print field["P"]
  else print field["P"] "-" field["V"] (verbose > 1 ? " - " field["T"] : "")
  return 1
}
