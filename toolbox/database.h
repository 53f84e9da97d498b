/* Which package database of the target a lent tool reads. */
#pragma once
#include <stdbool.h>

/* Options that a package tool needs for it, ended by NULL; NULL when there is none that it could answer from, and why in `*without`. Other tools need none. */
const char *const *database_options(const char *tool, char **argv, const char **without);
