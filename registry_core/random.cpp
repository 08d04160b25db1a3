#include "registry_core/random.hpp"

#include <array>
#include <cerrno>
#include <sys/random.h>
#include <system_error>

namespace registry_core {

namespace {

void fill(void* bytes, std::size_t size) {
  if (getrandom(bytes, size, 0) != static_cast<ssize_t>(size))
    throw std::system_error(errno, std::generic_category(), "getrandom");
}

} // namespace

unsigned random_number() {
  unsigned number = 0;
  fill(&number, sizeof number);
  return number;
}

std::string random_id() {
  std::array<unsigned char, 8> bytes{};
  fill(bytes.data(), bytes.size());
  static constexpr std::string_view hex = "0123456789abcdef";
  std::string id;
  for (const unsigned char byte : bytes) {
    id.push_back(hex[byte >> 4]);
    id.push_back(hex[byte & 15]);
  }
  return id;
}

} // namespace registry_core
