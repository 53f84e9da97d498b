/* Serves commands over stdin, stdout and stderr until its input ends; see session.c. `greeting`: the first line on both outputs. */
#pragma once
int serve(const char *root, const char *greeting);
void run_tool(const char *root, const char *tool, char **argv);
