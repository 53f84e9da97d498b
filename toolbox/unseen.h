/* See unseen.c. Both read errno, and leave it as it is. */
#pragma once
#define UNSEEN_FD 108
void unseen_program(const char *name);
void unseen_path(int folder, const char *path);
