/* Copies the toolbox for a pod that mounts it; see fill.c. Returns an exit status. */
#pragma once
int fill(const char *folder);
