#include "registry_core/protocol/json_writer.hpp"

#include "registry_core/protocol/plain_text.hpp"

namespace protocol {

namespace {

bool needs_escape(unsigned char c) {
  return c < 0x20 || c == '"' || c == '\\';
}

} // namespace

void append_string(std::string& out, std::string_view text) {
  static constexpr std::string_view hex = "0123456789abcdef";
  out.push_back('"');
  std::size_t done = 0;
  for (std::size_t i = plain_prefix(text.data(), text.data() + text.size()); i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (!needs_escape(c)) continue;
    out.append(text, done, i - done);
    done = i + 1;
    if (c >= 0x20) {
      out.push_back('\\');
      out.push_back(text[i]);
    } else {
      out.append("\\u00");
      out.push_back(hex[c >> 4]);
      out.push_back(hex[c & 15]);
    }
  }
  out.append(text, done);
  out.push_back('"');
}

/// What is short and plain is put together first, and appended in one piece.
void append_member(std::string& out, const MemberName& name, bool first, std::string_view text) {
  constexpr std::size_t longest = 255; // what names and endpoints have at most
  std::array<char, MemberName::room + room_to_copy(longest) + 2> piece;
  char* const value = name.copy_to(piece.data(), first);
  if (text.size() <= longest && copy_plain(text.data(), text.size(), value + 1)) {
    value[0] = value[text.size() + 1] = '"';
    out.append(piece.data(), value + text.size() + 2);
  } else {
    out.append(piece.data(), value);
    append_string(out, text);
  }
}

void append_seconds(std::string& out, double seconds) {
  std::array<char, 64> digits;
  const auto end =
      std::to_chars(digits.data(), digits.data() + digits.size(), seconds, std::chars_format::fixed, 3).ptr;
  out.append(digits.data(), end);
}

} // namespace protocol
