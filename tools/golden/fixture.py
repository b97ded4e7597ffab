"""Writes fixture files, schema 1 (docs/Fixtures.md), so that equal content gives equal bytes.

A case is one group: attributes, operands under in/<label>, results under out/<label>. Objects carry no time stamps, groups are written in sorted
order, the format version is fixed, and a file appears under its name only when it is complete.
"""

import json
import os

import h5py
import numpy as np

SCHEMA = 1
DTYPES = {"f32": np.float32, "f64": np.float64, "i32": np.int32, "u32": np.uint32, "bool": np.bool_}
LABELS = {np.dtype(dtype): label for label, dtype in DTYPES.items()}


def label_of(array):
    """The schema's word for an array's dtype; KeyError for a dtype outside the schema."""
    return LABELS[np.dtype(array.dtype)]


def write_file(path, attributes, fill):
    """Creates `path` by calling `fill(h5file)` on a temporary file that is then renamed."""
    temporary = path.with_name(path.name + ".part")
    with h5py.File(temporary, "w", libver=("v110", "v110"), track_order=False) as file:
        for name in sorted(attributes):
            set_attribute(file, name, attributes[name])
        fill(file)
    os.replace(temporary, path)


def make_group(parent, path):
    """Opens or creates every group on the path, without the time stamps that HDF5 gives groups."""
    for name in path.split("/"):
        if name not in parent:
            properties = h5py.h5p.create(h5py.h5p.GROUP_CREATE)
            properties.set_obj_track_times(False)
            h5py.h5g.create(parent.id, name.encode(), gcpl=properties)
        parent = parent[name]
    return parent


def set_text(item, name, text):
    """A fixed-length UTF-8 attribute: it needs no heap, so its bytes lie with the object."""
    data = text.encode()
    kind = h5py.string_dtype("utf-8", max(1, len(data)))
    item.attrs.create(name, np.array(data, kind), dtype=kind)


def set_attribute(item, name, value):
    """Text or an integer."""
    if isinstance(value, str):
        set_text(item, name, value)
    else:
        item.attrs.create(name, np.int64(value))


def write_array(group, name, array):
    """Stores one operand or result. Small arrays live in the object header (compact layout)."""
    array = np.asarray(array)
    label = label_of(array)
    stored = np.ascontiguousarray(array.astype(np.uint8) if label == "bool" else array)
    stored = stored.reshape(array.shape)
    properties = h5py.h5p.create(h5py.h5p.DATASET_CREATE)
    properties.set_obj_track_times(False)
    if 0 < stored.nbytes <= 4096:
        properties.set_layout(h5py.h5d.COMPACT)
    space = h5py.h5s.create_simple(stored.shape) if stored.shape else h5py.h5s.create(h5py.h5s.SCALAR)
    identifier = h5py.h5d.create(
        group.id, name.encode(), h5py.h5t.py_create(stored.dtype), space, dcpl=properties)
    dataset = h5py.Dataset(identifier)
    if stored.size:
        dataset[...] = stored
    set_text(dataset, "dtype", label)


def write_arrays(group, path, arrays):
    """Stores a dictionary of arrays under `path`, in the order of their names."""
    folder = make_group(group, path)
    for name in sorted(arrays):
        write_array(folder, name, arrays[name])


def write_case(file, case, outputs):
    """Stores one case. `outputs` is {label: {name: array}}, with `jit_f32` among the labels."""
    group = make_group(file, case.name)
    set_text(group, "program", case.program)
    set_text(group, "params", json.dumps(case.params, sort_keys=True, separators=(",", ":")))
    set_text(group, "points", case.points)
    set_text(group, "rules", case.rules)
    for label in sorted(case.variants):
        write_arrays(group, f"in/{label}", case.variants[label].named_inputs())
    for label in sorted(outputs):
        write_arrays(group, f"out/{label}", outputs[label])
