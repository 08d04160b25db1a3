#include "systemd_units/written.hpp"

#include <array>
#include <cstdint>

namespace systemd_units {
namespace {

constexpr std::uint32_t polynomial = 0x04c11db7;
constexpr unsigned byte_bits = 8;
constexpr unsigned to_top = 24;

constexpr std::array<std::uint32_t, 256> make_table() {
  std::array<std::uint32_t, 256> table{};
  for (std::uint32_t byte = 0; byte < table.size(); ++byte) {
    auto crc = byte << to_top;
    for (unsigned bit = 0; bit < byte_bits; ++bit)
      crc = (crc & 0x80000000U) != 0 ? (crc << 1U) ^ polynomial : crc << 1U;
    table[byte] = crc; // NOLINT(cppcoreguidelines-pro-bounds-constant-array-index): in range by the loop
  }
  return table;
}

} // namespace

std::string cksum(std::string_view bytes) {
  static constexpr auto table = make_table();
  std::uint32_t crc = 0;
  const auto take = [&](unsigned byte) { crc = (crc << byte_bits) ^ table.at((crc >> to_top) ^ byte); };
  for (const char c : bytes)
    take(static_cast<unsigned char>(c));
  for (auto length = bytes.size(); length > 0; length >>= byte_bits)
    take(length & 0xffU);
  return std::to_string(~crc) + " " + std::to_string(bytes.size());
}

std::string marked(std::string_view comment, std::string_view body) {
  return std::string(comment) + " " + std::string(written_mark) + cksum(body) + "\n" + std::string(body);
}

Author author_of(std::string_view file) {
  const auto line = file.substr(0, file.find('\n'));
  for (const std::string_view comment : {"# ", "// "}) {
    if (!line.starts_with(comment) || !line.substr(comment.size()).starts_with(written_mark)) continue;
    const auto sum = line.substr(comment.size() + written_mark.size());
    const auto body = file.substr(line.size() < file.size() ? line.size() + 1 : line.size());
    return sum == cksum(body) ? Author::deploy : Author::deploy_edited;
  }
  return Author::other;
}

} // namespace systemd_units
