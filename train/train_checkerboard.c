/* train_checkerboard.c - ./train_checkerboard: from random bits to squares of two by two cells. */
#include "program.h"

int main(int argc, char **argv) {
    return dlca_train_program(argc, argv, "checkerboard");
}
