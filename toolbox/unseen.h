/* See unseen.c. They leave errno as it is; those of a program and a path read it. */
#pragma once
#define UNSEEN_FD 108
void unseen_program(const char *name);
void unseen_sentence(const char *text);
void unseen_path(int folder, const char *path);
