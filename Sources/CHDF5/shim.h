// What Swift cannot import from hdf5.h: its constants are macros that call H5open(), and some
// functions are macros that choose a version. Each one used is an inline function here.
// Invariant: nothing here allocates, prints or keeps state.
#ifndef ASSAY_CHDF5_SHIM_H
#define ASSAY_CHDF5_SHIM_H
#include <hdf5.h>
#include <string.h>

static inline hid_t chdf5_default(void) { return H5P_DEFAULT; }
static inline hid_t chdf5_all(void) { return H5S_ALL; }
static inline unsigned chdf5_read_only(void) { return H5F_ACC_RDONLY; }
static inline unsigned chdf5_exclusive(void) { return H5F_ACC_EXCL; }

// Property list classes.
static inline hid_t chdf5_file_create(void) { return H5P_FILE_CREATE; }
static inline hid_t chdf5_file_access(void) { return H5P_FILE_ACCESS; }
static inline hid_t chdf5_group_create(void) { return H5P_GROUP_CREATE; }
static inline hid_t chdf5_dataset_create(void) { return H5P_DATASET_CREATE; }

// Types as they stand in memory.
static inline hid_t chdf5_native_f32(void) { return H5T_NATIVE_FLOAT; }
static inline hid_t chdf5_native_f64(void) { return H5T_NATIVE_DOUBLE; }
static inline hid_t chdf5_native_i8(void) { return H5T_NATIVE_INT8; }
static inline hid_t chdf5_native_i32(void) { return H5T_NATIVE_INT32; }
static inline hid_t chdf5_native_i64(void) { return H5T_NATIVE_INT64; }
static inline hid_t chdf5_native_u8(void) { return H5T_NATIVE_UINT8; }
static inline hid_t chdf5_native_u32(void) { return H5T_NATIVE_UINT32; }
static inline hid_t chdf5_native_u64(void) { return H5T_NATIVE_UINT64; }

// Types as they stand in a file: little-endian, then big-endian.
static inline hid_t chdf5_f32le(void) { return H5T_IEEE_F32LE; }
static inline hid_t chdf5_f64le(void) { return H5T_IEEE_F64LE; }
static inline hid_t chdf5_i8le(void) { return H5T_STD_I8LE; }
static inline hid_t chdf5_i32le(void) { return H5T_STD_I32LE; }
static inline hid_t chdf5_i64le(void) { return H5T_STD_I64LE; }
static inline hid_t chdf5_u8le(void) { return H5T_STD_U8LE; }
static inline hid_t chdf5_u32le(void) { return H5T_STD_U32LE; }
static inline hid_t chdf5_f32be(void) { return H5T_IEEE_F32BE; }
static inline hid_t chdf5_f64be(void) { return H5T_IEEE_F64BE; }
static inline hid_t chdf5_i8be(void) { return H5T_STD_I8BE; }
static inline hid_t chdf5_i32be(void) { return H5T_STD_I32BE; }
static inline hid_t chdf5_i64be(void) { return H5T_STD_I64BE; }
static inline hid_t chdf5_u8be(void) { return H5T_STD_U8BE; }
static inline hid_t chdf5_u32be(void) { return H5T_STD_U32BE; }
static inline hid_t chdf5_c_string(void) { return H5T_C_S1; }
static inline size_t chdf5_variable(void) { return H5T_VARIABLE; }

// The kind of one link, without following it: an H5L_type_t, or -1.
static inline int chdf5_link_kind(hid_t group, const char *name) {
  H5L_info_t info;
  return H5Lget_info(group, name, &info, H5P_DEFAULT) < 0 ? -1 : (int)info.type;
}

typedef struct {
  void (*visit)(const char *name, void *context);
  void *context;
} chdf5_visitor;

static inline herr_t chdf5_on_link(
    hid_t group, const char *name, const H5L_info_t *info, void *visitor) {
  (void)group;
  (void)info;
  ((chdf5_visitor *)visitor)->visit(name, ((chdf5_visitor *)visitor)->context);
  return 0;
}

static inline herr_t chdf5_on_attribute(
    hid_t object, const char *name, const H5A_info_t *info, void *visitor) {
  (void)object;
  (void)info;
  ((chdf5_visitor *)visitor)->visit(name, ((chdf5_visitor *)visitor)->context);
  return 0;
}

// Calls `visit` with the name of each link of a group, in order of name.
static inline herr_t chdf5_each_link(
    hid_t group, void (*visit)(const char *, void *), void *context) {
  chdf5_visitor visitor = {visit, context};
  return H5Literate(group, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_on_link, &visitor);
}

// Calls `visit` with the name of each attribute of an object, in order of name.
static inline herr_t chdf5_each_attribute(
    hid_t object, void (*visit)(const char *, void *), void *context) {
  chdf5_visitor visitor = {visit, context};
  return H5Aiterate2(object, H5_INDEX_NAME, H5_ITER_INC, NULL, chdf5_on_attribute, &visitor);
}

// What the library's error stack says of the last failed call: the innermost description, and
// whether any entry says that the file is shorter than it claims.
typedef struct {
  char text[200];
  int truncated;
} chdf5_failure;

static inline herr_t chdf5_on_error(unsigned depth, const H5E_error2_t *error, void *result) {
  chdf5_failure *failure = (chdf5_failure *)result;
  if (error->min_num == H5E_TRUNCATED) failure->truncated = 1;
  if (depth == 0 && error->desc) strncpy(failure->text, error->desc, sizeof failure->text - 1);
  return 0;
}

static inline void chdf5_last_failure(chdf5_failure *failure) {
  memset(failure, 0, sizeof *failure);
  H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, chdf5_on_error, failure);
}

// Opens a file without the system's lock on it, where the library can be told so (from 1.10.7 on).
static inline herr_t chdf5_set_unlocked(hid_t access) {
#if H5_VERSION_GE(1, 10, 7)
  return H5Pset_file_locking(access, 0, 1);
#else
  (void)access;
  return 0;
#endif
}

static inline void chdf5_silence(void) { H5Eset_auto2(H5E_DEFAULT, NULL, NULL); }
#endif
