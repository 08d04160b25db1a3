#include "clients/cpp/src/batches.hpp"

namespace actors::registry {

namespace {

/// Leaves room for the rest of a request: a manager's id, instance and process, each of its strings up to
/// 255 bytes, which JSON may double.
constexpr std::size_t most_bytes = 48UL * 1024;

} // namespace

bool Batch::add(Json element) {
  const std::size_t bytes = request_text(element).size() + 1; // and a comma
  if (size() != 0 && (size() == most_ || bytes_ + bytes > most_bytes)) return false;
  bytes_ += bytes;
  elements_.push_back(std::move(element));
  return true;
}

} // namespace actors::registry
