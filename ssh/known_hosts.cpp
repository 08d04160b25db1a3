#include "ssh/known_hosts.hpp"

#include "ssh/pattern.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>
#include <openssl/rand.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <stdexcept>

namespace ssh::known_hosts {

namespace {

constexpr std::string_view hash_magic = "|1|";
constexpr std::size_t sha1_size = 20;

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& byte : result) {
    if (byte >= 'A' && byte <= 'Z') byte = static_cast<char>(byte - 'A' + 'a');
  }
  return result;
}

bool is_blank(char byte) {
  return byte == ' ' || byte == '\t' || byte == '\r';
}

/// Takes the next word (up to a blank) off the text. Not with find_first_of(), which is slow and would be
/// most of what a session to one of a thousand known hosts costs.
std::string_view take_word(std::string_view& text) {
  std::size_t begin = 0;
  while (begin < text.size() && is_blank(text[begin]))
    ++begin;
  auto end = begin;
  while (end < text.size() && !is_blank(text[end]))
    ++end;
  const auto word = text.substr(begin, end - begin);
  text.remove_prefix(end);
  return word;
}

std::optional<std::string> decode(std::string_view base64) {
  while (!base64.empty() && base64.back() == '=')
    base64.remove_suffix(1);
  std::string padded(base64);
  while (padded.size() % 4 != 0)
    padded += '=';
  // EVP_DecodeBlock trims blanks, which have no place here, and writes 3 bytes for each 4.
  if (padded.find_first_of(" \t\r\n-") != std::string::npos) return std::nullopt;
  std::string bytes(padded.size() / 4 * 3, '\0');
  const int size =
      EVP_DecodeBlock(reinterpret_cast<unsigned char*>(bytes.data()),
                      reinterpret_cast<const unsigned char*>(padded.data()), static_cast<int>(padded.size()));
  if (size < 0) return std::nullopt;
  bytes.resize(static_cast<std::size_t>(size) - (padded.size() - base64.size()));
  return bytes;
}

std::string encode(std::string_view bytes) {
  std::string text((bytes.size() + 2) / 3 * 4 + 1, '\0'); // and the NUL that EVP_EncodeBlock writes
  const int size =
      EVP_EncodeBlock(reinterpret_cast<unsigned char*>(text.data()),
                      reinterpret_cast<const unsigned char*>(bytes.data()), static_cast<int>(bytes.size()));
  text.resize(static_cast<std::size_t>(size));
  return text;
}

std::string hmac_sha1(std::string_view salt, std::string_view name) {
  std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
  unsigned size = 0;
  if (HMAC(EVP_sha1(), salt.data(), static_cast<int>(salt.size()),
           reinterpret_cast<const unsigned char*>(name.data()), name.size(), digest.data(), &size) == nullptr)
    throw std::runtime_error("no HMAC-SHA1 for known_hosts");
  return {reinterpret_cast<const char*>(digest.data()), size};
}

bool matches_hashed(std::string_view hashed, std::string_view name) {
  hashed.remove_prefix(hash_magic.size());
  const auto bar = hashed.find('|');
  if (bar == std::string_view::npos) return false;
  const auto salt = decode(hashed.substr(0, bar));
  const auto hash = decode(hashed.substr(bar + 1));
  if (!salt || !hash || salt->empty() || hash->size() != sha1_size) return false;
  return hmac_sha1(*salt, name) == *hash;
}

Marker marker_of(std::string_view word) {
  if (word == "@revoked") return Marker::revoked;
  if (word == "@cert-authority") return Marker::cert_authority;
  return Marker::unknown;
}

std::optional<Line> parse_line(std::string_view text, std::size_t number) {
  Line line;
  line.number = number;
  auto word = take_word(text);
  if (word.empty() || word.front() == '#') return std::nullopt;
  if (word.front() == '@') {
    line.marker = marker_of(word);
    word = take_word(text);
  }
  line.names = word;
  line.key_type = take_word(text);
  line.base64 = take_word(text);
  // A number instead of a type is a key of SSH version 1.
  if (line.base64.empty() || std::isdigit(static_cast<unsigned char>(line.key_type.front())))
    return std::nullopt;
  return line;
}

} // namespace

std::vector<Line> parse(std::string_view text) {
  std::vector<Line> lines;
  for (std::size_t number = 1; !text.empty(); ++number) {
    const auto end = std::min(text.find('\n'), text.size());
    if (const auto line = parse_line(text.substr(0, end), number)) lines.push_back(*line);
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return lines;
}

std::string lookup_name(std::string_view host, unsigned port) {
  auto name = lower(host);
  return port == 22 ? name : "[" + name + "]:" + std::to_string(port);
}

bool matches(const Line& line, std::string_view name) {
  if (line.names.substr(0, hash_magic.size()) == hash_magic) return matches_hashed(line.names, name);
  bool found = false;
  for (auto names = line.names; !names.empty();) {
    const auto end = std::min(names.find(','), names.size());
    auto pattern = names.substr(0, end);
    const bool negated = !pattern.empty() && pattern.front() == '!';
    if (negated) pattern.remove_prefix(1);
    if (fits_pattern(pattern, name)) {
      if (negated) return false;
      found = true;
    }
    names.remove_prefix(std::min(end + 1, names.size()));
  }
  return found;
}

bool has_wildcard(const Line& line) {
  return line.names.find_first_of("*?!") != std::string_view::npos;
}

bool same_key(std::string_view base64, std::string_view other_base64) {
  if (base64 == other_base64) return true;
  const auto key = decode(base64), other = decode(other_base64);
  return key && other && *key == *other;
}

std::string encode_key(std::string_view blob) {
  return encode(blob);
}

std::optional<std::string> decode_key(std::string_view base64) {
  return decode(base64);
}

std::string hash_name(std::string_view name) {
  std::string salt(sha1_size, '\0');
  if (RAND_bytes(reinterpret_cast<unsigned char*>(salt.data()), static_cast<int>(salt.size())) != 1)
    throw std::runtime_error("no random numbers for known_hosts");
  return std::string(hash_magic) + encode(salt) + "|" + encode(hmac_sha1(salt, name));
}

} // namespace ssh::known_hosts
