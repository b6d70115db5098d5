/* test_model_file.c - model.safetensors: round trips, damage of every kind, and forged files with a good checksum. */
#include "../src/model_file.h"
#include "../src/model_seal.h"
#include "../src/safetensors.h"

#include "scratch.h"
#include "small_model.h"

#include <criterion/criterion.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* The bytes of the small model's file. */
static DlcaBytes small_file(bool with_extras) {
    DlcaBytes bytes;
    DlcaError error = {0};
    DlcaModelExtras extras = {0};
    DlcaModel *model = small_model();
    if (with_extras) {
        small_extras(model, &extras);
    }
    cr_assert(dlca_model_serialize(model, with_extras ? &extras : NULL, &bytes.data, &bytes.size, &error), "%s",
              error.message);
    dlca_model_extras_free(&extras);
    dlca_model_free(model);
    return bytes;
}

/* Parsed from a block of exactly its size, so that the address sanitizer sees a read beyond it. */
static DlcaModel *parse(const void *bytes, size_t size, DlcaModelExtras *extras, DlcaError *error) {
    void *exact = malloc(size ? size : 1);
    memcpy(exact, bytes, size);
    DlcaModel *model = dlca_model_parse(exact, size, "test", extras, error);
    free(exact);
    return model;
}

static void assert_refused(const void *bytes, size_t size, const char *part) {
    DlcaError error = {0};
    DlcaModelExtras extras;
    cr_assert_null(parse(bytes, size, &extras, &error));
    cr_assert_eq(error.kind, DLCA_BAD_INPUT);
    cr_assert_not_null(strstr(error.message, part), "\"%s\" lacks \"%s\"", error.message, part);
    cr_assert(!extras.first_moment && !extras.second_moment && !extras.target);
}

static void assert_same_config(const DlcaConfig *left, const DlcaConfig *right) {
    cr_assert_str_eq(left->task, right->task);
    cr_assert(left->height == right->height && left->width == right->width);
    cr_assert(left->channels == right->channels && left->scored_channels == right->scored_channels);
    cr_assert(left->kernels == right->kernels && left->perceive_layers == right->perceive_layers);
    cr_assert_eq(memcmp(left->perceive, right->perceive, sizeof left->perceive), 0);
    cr_assert_eq(left->update_layers, right->update_layers);
    cr_assert_eq(memcmp(left->update, right->update, sizeof left->update), 0);
    cr_assert(left->steps == right->steps && left->batch == right->batch);
    cr_assert(left->periodic == right->periodic && left->asynchronous == right->asynchronous);
    cr_assert_eq(left->fire_rate, right->fire_rate);
    cr_assert(left->wiring == right->wiring && left->seed == right->seed);
}

static void assert_same_model(const DlcaModel *left, const DlcaModel *right) {
    assert_same_config(&left->config, &right->config);
    cr_assert_eq(left->gates, right->gates);
    cr_assert_eq(memcmp(left->logits, right->logits, (size_t)left->gates * DLCA_OPS * sizeof(float)), 0);
    cr_assert_eq(left->has_ops, right->has_ops);
    cr_assert_eq(memcmp(left->ops, right->ops, (size_t)left->gates), 0);
    for (int32_t l = 0; l < left->layers; l++) {
        cr_assert_eq(
            memcmp(left->layer[l].wires, right->layer[l].wires, 2 * (size_t)left->layer[l].gates * sizeof(int32_t)), 0);
    }
}

Test(model_file, a_model_comes_back_to_the_byte) {
    DlcaError error = {0};
    DlcaModelExtras extras, back;
    DlcaModel *model = small_model();
    small_extras(model, &extras);
    DlcaBytes bytes = small_file(true), again;
    DlcaModel *loaded = parse(bytes.data, bytes.size, &back, &error);
    cr_assert_not_null(loaded, "%s", error.message);
    assert_same_model(model, loaded);
    const size_t logits = (size_t)model->gates * DLCA_OPS * sizeof(float);
    cr_assert_eq(memcmp(back.first_moment, extras.first_moment, logits), 0);
    cr_assert_eq(memcmp(back.second_moment, extras.second_moment, logits), 0);
    cr_assert_eq(memcmp(back.target, extras.target, 6), 0);
    cr_assert(back.updates == extras.updates && back.epoch == extras.epoch && back.restart == extras.restart);
    cr_assert_eq(back.notes, 2);
    cr_assert_str_eq(dlca_model_extras_note(&back, "option.lr"), "0.05");
    cr_assert_str_eq(dlca_model_extras_note(&back, extras.note[1].key), "");
    cr_assert_null(dlca_model_extras_note(&back, "absent"));
    cr_assert(dlca_model_serialize(loaded, &back, &again.data, &again.size, &error));
    cr_assert_eq(again.size, bytes.size);
    cr_assert_eq(memcmp(again.data, bytes.data, bytes.size), 0);
    dlca_bytes_free(&bytes);
    dlca_bytes_free(&again);
    dlca_model_extras_free(&extras);
    dlca_model_extras_free(&back);
    dlca_model_free(model);
    dlca_model_free(loaded);
}

Test(model_file, a_model_without_extras_and_operations) {
    DlcaError error = {0};
    DlcaModelExtras back;
    DlcaBytes bytes;
    DlcaModel *model = small_model();
    model->has_ops = false;
    memset(model->ops, 0, (size_t)model->gates);
    cr_assert(dlca_model_serialize(model, NULL, &bytes.data, &bytes.size, &error), "%s", error.message);
    DlcaModel *loaded = parse(bytes.data, bytes.size, &back, &error);
    cr_assert_not_null(loaded, "%s", error.message);
    assert_same_model(model, loaded);
    cr_assert(!back.first_moment && !back.second_moment && !back.target && back.notes == 0);
    dlca_model_free(loaded);
    loaded = parse(bytes.data, bytes.size, NULL, NULL);
    cr_assert_not_null(loaded);
    dlca_model_free(loaded);
    dlca_bytes_free(&bytes);
    dlca_model_free(model);
}

Test(model_file, files_are_saved_and_loaded) {
    Scratch scratch = scratch_create();
    const char *path = scratch_path(&scratch, "model.safetensors");
    DlcaError error = {0};
    DlcaModel *model = small_model();
    cr_assert(dlca_model_save(model, NULL, path, &error), "%s", error.message);
    DlcaModel *loaded = dlca_model_load(path, NULL, &error);
    cr_assert_not_null(loaded, "%s", error.message);
    assert_same_model(model, loaded);
    dlca_model_free(loaded);
    cr_assert_null(dlca_model_load("/dev/null", NULL, &error));
    cr_assert_null(dlca_model_load(scratch.folder, NULL, &error));
    cr_assert_null(dlca_model_load("/nowhere/at/all", NULL, &error));
    cr_assert_not(dlca_model_save(model, NULL, "/nowhere/at/all", &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    dlca_model_free(model);
    scratch_remove(&scratch);
}

Test(model_file, every_cut_is_refused) {
    DlcaBytes bytes = small_file(true);
    for (size_t size = 0; size < bytes.size; size++) {
        assert_refused(bytes.data, size, size == 0 ? "empty" : size < 24 ? "not a dlca" : "damaged");
    }
    dlca_bytes_free(&bytes);
}

/* Returns how many bits were flipped, each by itself. */
static size_t flip_every_bit(DlcaBytes *bytes) {
    DlcaError error = {0};
    for (size_t at = 0; at < bytes->size; at++) {
        for (int bit = 0; bit < 8; bit++) {
            bytes->data[at] ^= (uint8_t)(1 << bit);
            cr_assert_null(dlca_model_parse(bytes->data, bytes->size, "test", NULL, &error));
            cr_assert_not_null(strstr(error.message, "damaged"), "byte %zu bit %d: %s", at, bit, error.message);
            bytes->data[at] ^= (uint8_t)(1 << bit);
        }
    }
    return 8 * bytes->size;
}

Test(model_file, every_flipped_bit_is_damage) {
    DlcaBytes bytes = small_file(true);
    printf("flipped bits: %zu of a model, each found to be damage\n", flip_every_bit(&bytes));
    dlca_bytes_free(&bytes);
}

/* What a checkpoint holds besides: a second model, which training goes on with (train/checkpoint.h). */
Test(model_file, every_flipped_bit_of_a_checkpoint_is_damage) {
    DlcaBytes bytes;
    DlcaError error = {0};
    DlcaModelExtras extras;
    DlcaModel *model = small_model();
    small_extras(model, &extras);
    extras.training = small_model();
    dlca_model_wire(extras.training, 6, 1);
    cr_assert(dlca_model_serialize(model, &extras, &bytes.data, &bytes.size, &error), "%s", error.message);
    printf("flipped bits: %zu of a checkpoint, each found to be damage\n", flip_every_bit(&bytes));
    dlca_model_extras_free(&extras);
    dlca_model_free(model);
    dlca_bytes_free(&bytes);
}

Test(model_file, every_changed_byte_is_refused) {
    DlcaBytes bytes = small_file(false);
    for (size_t at = 0; at < bytes.size; at++) {
        const uint8_t kept = bytes.data[at];
        for (int value = 0; value < 256; value++) {
            bytes.data[at] = (uint8_t)value;
            cr_assert(value == kept || !dlca_model_parse(bytes.data, bytes.size, "test", NULL, NULL),
                      "byte %zu as %d is accepted", at, value);
        }
        bytes.data[at] = kept;
    }
    dlca_bytes_free(&bytes);
}

/* The same with the checksum made good again, as an enemy would: refused, or a model of finite numbers in range. */
Test(model_file, forged_bytes_load_to_sound_models_or_not_at_all) {
    DlcaBytes bytes = small_file(true);
    int accepted = 0;
    for (size_t at = 0; at < bytes.size; at++) {
        static const uint8_t values[] = {0x00, 0x01, 0x20, 0x22, 0x2c, 0x39, 0x7f, 0x80, 0xff};
        const uint8_t kept = bytes.data[at];
        for (size_t v = 0; v < sizeof values; v++) {
            bytes.data[at] = values[v];
            if (!dlca_seal(bytes.data, bytes.size)) {
                continue;
            }
            DlcaModelExtras extras;
            DlcaModel *model = parse(bytes.data, bytes.size, &extras, NULL);
            accepted += model != NULL;
            for (int64_t i = 0; model && i < model->gates * DLCA_OPS; i++) {
                cr_assert(isfinite(model->logits[i]));
                cr_assert(model->ops[i / DLCA_OPS] < DLCA_OPS);
            }
            dlca_model_extras_free(&extras);
            dlca_model_free(model);
        }
        bytes.data[at] = kept;
    }
    cr_assert(accepted > 100);
    dlca_bytes_free(&bytes);
}

Test(model_file, bytes_behind_the_end_are_refused) {
    DlcaBytes bytes = small_file(false);
    uint8_t *longer = calloc(1, bytes.size + 8);
    memcpy(longer, bytes.data, bytes.size);
    assert_refused(longer, bytes.size + 8, "damaged");
    cr_assert(dlca_seal(longer, bytes.size + 8));
    assert_refused(longer, bytes.size + 8, "8 bytes follow");
    free(longer);
    dlca_bytes_free(&bytes);
}

Test(model_file, foreign_files_are_not_called_damaged) {
    static const char foreign[] = "\x10\0\0\0\0\0\0\0{\"__metadata__\":{}}                       ";
    static const char text[] = "This is a text that is rather longer than a few bytes, but no model at all.";
    assert_refused("", 0, "empty");
    assert_refused(foreign, sizeof foreign, "not a dlca model file");
    assert_refused(text, sizeof text, "not a dlca model file");
    assert_refused("PNG", 3, "not a dlca model file");
}

/* ---- forged files: a good container and checksum around something wrong ---- */

/* Replaces a text of the header by one of the same length and seals the file again. */
static void forge(DlcaBytes *bytes, const char *from, const char *to) {
    const size_t length = strlen(from);
    cr_assert_eq(length, strlen(to));
    uint8_t *place = memmem(bytes->data, bytes->size, from, length);
    cr_assert_not_null(place, "%s", from);
    memcpy(place, to, length);
    cr_assert(dlca_seal(bytes->data, bytes->size));
}

static void assert_forgery_refused(const char *from, const char *to, const char *part) {
    DlcaBytes bytes = small_file(true);
    forge(&bytes, from, to);
    assert_refused(bytes.data, bytes.size, part);
    dlca_bytes_free(&bytes);
}

Test(model_file, another_version_is_named) {
    assert_forgery_refused("\"version\":\"1\"", "\"version\":\"2\"", "version 2; this program reads version 1");
}

Test(model_file, forged_metadata_is_refused) {
    assert_forgery_refused("small_task-1", "../../../etc", "task");
    assert_forgery_refused("\"height\":\"3\"", "\"height\":\"0\"", "height");
    assert_forgery_refused("\"height\":\"3\"", "\"height\":\"9\"", "target");
    assert_forgery_refused("\"height\":\"3\"", "\"height\":\" \"", "height");
    assert_forgery_refused("\"height\":\"3\"", "\"heighs\":\"3\"", "lacks height");
    assert_forgery_refused("\"channels\":\"2\"", "\"channels\":\"3\"", "one per channel");
    assert_forgery_refused("\"kernels\":\"2\"", "\"kernels\":\"9\"", "perceive.0.logits is F32 [2,2,16], but must be");
    assert_forgery_refused("\"perceive\":\"2,1\"", "\"perceive\":\"2,,\"", "perceive");
    assert_forgery_refused("\"perceive\":\"2,1\"", "\"perceive\":\"2,0\"", "perceive");
    assert_forgery_refused("\"perceive\":\"2,1\"", "\"perceive\":\"02,\"", "perceive");
    assert_forgery_refused("\"perceive\":\"2,1\"", "\"perceive\":\"211\"", "perceive.0.logits");
    assert_forgery_refused("\"periodic\":\"1\"", "\"periodic\":\"2\"", "periodic");
    assert_forgery_refused("\"fire_rate\":\"0.6\"", "\"fire_rate\":\"0.0\"", "fire_rate");
    assert_forgery_refused("\"fire_rate\":\"0.6\"", "\"fire_rate\":\"nan\"", "fire_rate");
    assert_forgery_refused("\"fire_rate\":\"0.6\"", "\"fire_rate\":\"0x1\"", "fire_rate");
    assert_forgery_refused("\"wiring\":\"random\"", "\"wiring\":\"rindom\"", "wiring");
    assert_forgery_refused("\"seed\":\"18446744073709551615\"", "\"seed\":\"18446744073709551616\"", "seed");
    assert_forgery_refused("\"restart\":\"3\"", "\"restart\":\"-\"", "restart");
    assert_forgery_refused("note.option.lr", "nobe.option.lr", "keys that version 1 does not have");
}

Test(model_file, forged_tensors_are_refused) {
    assert_forgery_refused("\"update.1.logits\"", "\"update.7.logits\"", "update.1.logits is missing");
    assert_forgery_refused("\"adam.v.update.1.logits\"", "\"adam.x.update.1.logits\"", "adam.v.update.1.logits");
    assert_forgery_refused("\"perceive.0.ops\"", "\"perceive.0.obs\"", "tensors that a dlca model does not have");
    assert_forgery_refused("\"update.0.ops\"", "\"update.0.obs\"", "update.0.ops is missing");
    assert_forgery_refused("\"target\"", "\"tarbet\"", "tensors that a dlca model does not have");
    assert_forgery_refused("\"update.0.wires\":{\"dtype\":\"I32\"", "\"update.0.wires\":{\"dtype\":\"F32\"", "I32");
}

/* Overwrites the first element of a tensor. */
static void assert_element_refused(const char *name, const void *element, size_t size, const char *part) {
    DlcaSafetensors file;
    DlcaBytes bytes = small_file(true);
    cr_assert(dlca_safetensors_parse(bytes.data, bytes.size, "test", &file, NULL));
    const DlcaTensor *tensor = dlca_safetensors_find(&file, name);
    cr_assert_not_null(tensor);
    memcpy(bytes.data + ((const uint8_t *)tensor->data - bytes.data), element, size);
    dlca_safetensors_free(&file);
    cr_assert(dlca_seal(bytes.data, bytes.size));
    assert_refused(bytes.data, bytes.size, part);
    dlca_bytes_free(&bytes);
}

Test(model_file, forged_elements_are_refused) {
    const float not_a_number = NAN, infinite = -INFINITY, negative = -1e-20F;
    const int32_t below = -1, beyond = 9;
    const uint8_t sixteen = 16, two = 2;
    assert_element_refused("perceive.1.logits", &not_a_number, 4, "perceive.1.logits: every element must be finite");
    assert_element_refused("update.1.logits", &infinite, 4, "finite");
    assert_element_refused("adam.m.update.0.logits", &not_a_number, 4, "finite");
    assert_element_refused("adam.v.update.0.logits", &negative, 4, "not negative");
    assert_element_refused("perceive.0.wires", &below, 4, "within the layer's inputs");
    assert_element_refused("perceive.0.wires", &beyond, 4, "within the layer's inputs");
    assert_element_refused("update.1.ops", &sixteen, 1, "operations");
    assert_element_refused("target", &two, 1, "0 or 1");
}

Test(model_file, what_could_not_be_read_is_not_written) {
    uint8_t *data;
    size_t size;
    DlcaError error = {0};
    DlcaModelExtras extras = {0};
    DlcaModel *model = small_model();
    const float kept = model->logits[7];
    model->logits[7] = NAN;
    cr_assert_not(dlca_model_serialize(model, NULL, &data, &size, &error));
    cr_assert_eq(error.kind, DLCA_FAILED);
    cr_assert_null(data);
    model->logits[7] = kept;
    extras.epoch = -1;
    cr_assert_not(dlca_model_serialize(model, &extras, &data, &size, &error));
    extras.epoch = 0;
    extras.first_moment = model->logits;
    cr_assert_not(dlca_model_serialize(model, &extras, &data, &size, &error));
    extras.first_moment = NULL;
    strcpy(model->config.task, "a/b");
    cr_assert_not(dlca_model_serialize(model, &extras, &data, &size, &error));
    dlca_model_free(model);
}

Test(model_file, notes_are_bounded_text) {
    char longer[DLCA_NOTE_VALUE_BYTES + 1];
    char key[16];
    DlcaModelExtras extras = {0};
    memset(longer, 'x', sizeof longer - 1);
    longer[sizeof longer - 1] = '\0';
    cr_assert_not(dlca_model_extras_add_note(&extras, "k", longer, NULL));
    cr_assert_not(dlca_model_extras_add_note(&extras, longer, "v", NULL));
    cr_assert_not(dlca_model_extras_add_note(&extras, "k", "\xff", NULL));
    for (int i = 0; i < DLCA_MAX_NOTES; i++) {
        snprintf(key, sizeof key, "%d", i);
        cr_assert(dlca_model_extras_add_note(&extras, key, longer + 1, NULL));
        cr_assert_not(dlca_model_extras_add_note(&extras, key, "again", NULL));
    }
    cr_assert_not(dlca_model_extras_add_note(&extras, "one too many", "", NULL));
    uint8_t *data;
    size_t size;
    DlcaModel *model = small_model();
    cr_assert(dlca_model_serialize(model, &extras, &data, &size, NULL));
    DlcaModelExtras back;
    DlcaModel *loaded = parse(data, size, &back, NULL);
    cr_assert_not_null(loaded);
    cr_assert_eq(back.notes, DLCA_MAX_NOTES);
    cr_assert_eq(memcmp(back.note, extras.note, sizeof extras.note), 0);
    free(data);
    dlca_model_free(model);
    dlca_model_free(loaded);
}
