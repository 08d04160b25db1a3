#include "ssh/config_outline.hpp"

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>

/// Whatever the lines: a host is alike to itself, and what is said of a file is no more with another one
/// beside it.
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  const std::string twice[] = {text, text};
  const auto one = ssh::ConfigOutline::of(std::span(twice, 1));
  const auto both = ssh::ConfigOutline::of(twice);
  if (one.has_value() != both.has_value()) std::abort();
  if (!one) return 0;
  for (const auto* host : {"web1", "web2.example", "10.0.0.1"}) {
    if (one->kind(host) != one->kind(host) || one->kind(host).has_value() != both->kind(host).has_value())
      std::abort();
  }
  return 0;
}
