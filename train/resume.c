/* resume.c - options to notes of a checkpoint and back. Leaves alone: what the options mean. */
#include "resume.h"

#include <stdio.h>
#include <string.h>

static const char note_front[] = "option.";

/* Texts of an option in two structs; an option that is not given is "". */
typedef struct Texts {
    char left[DLCA_NOTE_VALUE_BYTES], right[DLCA_NOTE_VALUE_BYTES];
} Texts;

static void read_texts(const DlcaOption *option, const void *left, const void *right, Texts *texts) {
    if (!dlca_option_text(option, left, texts->left, sizeof texts->left)) {
        texts->left[0] = '\0';
    }
    if (!dlca_option_text(option, right, texts->right, sizeof texts->right)) {
        texts->right[0] = '\0';
    }
}

bool dlca_resume_notes_add(const DlcaArguments *arguments, const void *values, const void *defaults,
                           DlcaModelExtras *notes, DlcaError *error) {
    bool good = true;
    for (int32_t i = 0; good && i < arguments->options; i++) {
        const DlcaOption *option = &arguments->option[i];
        Texts texts;
        read_texts(option, values, defaults, &texts);
        if (option->resume != DLCA_RESUME_FRESH && texts.left[0] && strcmp(texts.left, texts.right) != 0) {
            char key[DLCA_NOTE_KEY_BYTES];
            snprintf(key, sizeof key, "%s%s", note_front, option->name);
            good = dlca_model_extras_add_note(notes, key, texts.left, error);
        }
    }
    return good;
}

/* Whether a run keeps an option of this name: a file must not set the others. */
static bool is_kept(const DlcaArguments *arguments, const char *name) {
    for (int32_t i = 0; i < arguments->options; i++) {
        if (strcmp(arguments->option[i].name, name) == 0) {
            return arguments->option[i].resume != DLCA_RESUME_FRESH;
        }
    }
    return false;
}

bool dlca_resume_notes_apply(const DlcaArguments *arguments, const DlcaModelExtras *notes, const char *path,
                             void *values, DlcaError *error) {
    for (int32_t i = 0; i < notes->notes; i++) {
        const DlcaNote *note = &notes->note[i];
        const char *name = note->key + sizeof note_front - 1;
        DlcaError reason = {0};
        if (strncmp(note->key, note_front, sizeof note_front - 1) != 0) {
            continue;
        }
        if (!is_kept(arguments, name)) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: has an option that %s does not keep: --%s", path,
                             arguments->program, name);
        }
        if (!dlca_arguments_set(arguments, name, note->value, values, &reason)) {
            return dlca_fail(error, DLCA_BAD_INPUT, "%s: %.400s", path, reason.message);
        }
    }
    return true;
}

bool dlca_resume_compare(const DlcaArguments *arguments, const void *saved, const void *wanted, const char *folder,
                         DlcaError *error) {
    for (int32_t i = 0; i < arguments->options; i++) {
        const DlcaOption *option = &arguments->option[i];
        Texts texts;
        read_texts(option, saved, wanted, &texts);
        if (option->resume == DLCA_RESUME_FIXED && strcmp(texts.left, texts.right) != 0) {
            return dlca_fail(error, DLCA_BAD_INPUT,
                             "--%s: '%s' would give another result than the run in %s, which has %s%s%s; leave it out",
                             option->name, texts.right, folder, texts.left[0] ? "'" : "no such option", texts.left,
                             texts.left[0] ? "'" : "");
        }
    }
    return true;
}
