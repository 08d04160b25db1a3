#pragma once

#include "registry_core/changes.hpp"

#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

/// Changes as bytes, one record after another; the form is that of this file's source and is versioned with
/// the store's file.
namespace registry_core {

/// Appends the record of a change.
void append_record(std::string& bytes, const Change& change);

/// The bytes are no records.
class RecordError : public std::runtime_error {
  using std::runtime_error::runtime_error;
};

/// Reads records off a sequence of bytes.
class RecordReader {
public:
  /// The bytes must outlive the reader.
  explicit RecordReader(std::string_view bytes) noexcept : rest_(bytes) {}
  /// The next change; none at the end. \throws RecordError.
  std::optional<Change> next();

private:
  std::string_view rest_;
};

} // namespace registry_core
