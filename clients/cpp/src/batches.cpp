#include "clients/cpp/src/batches.hpp"

namespace actors::registry {

namespace {

/// Leaves room for the rest of a request: a manager's id, instance and process, each of its strings up to
/// 255 bytes, which JSON may double.
constexpr std::size_t most_bytes_of_batch = 48UL * 1024;

} // namespace

bool Batch::add(std::string_view element) {
  if (size_ != 0) {
    if (size_ == most_ || elements_.size() + 1 + element.size() > most_bytes_of_batch) return false;
    elements_.push_back(',');
  }
  elements_.append(element);
  ++size_;
  return true;
}

} // namespace actors::registry
