#pragma once

#include "controller/failure.hpp"

#include <nlohmann/json.hpp>

#include <string>
#include <string_view>
#include <vector>

namespace cli {

/// JSON for people's eyes and scripts: keys stay in the order they were put.
using Json = nlohmann::ordered_json;

/// Writes to standard output, all of it. A reader that went away is no fault: the rest is dropped.
/// \throws std::system_error for any other failure.
void print(std::string_view text);

/// One object, indented, with a line's end.
void print_json(const Json& object);

/// The same in one line, for commands that print one object after the other.
void print_json_line(const Json& object);

/// What went wrong, as `--json` says it: `{"error": {"exit_code": …, "messages": […]}}`
Json error_json(int exit_code, const std::vector<std::string>& lines);

/// Whether nobody can read standard output any more: a pipe that was closed at its other end. Noticed without
/// writing.
bool reader_is_gone() noexcept;

/// One line on standard error: `actorsctl: LINE`.
void complain(const std::string& line);

/// `host NAME: what failed; what to do`.
std::string line_for_host(const std::string& host, const controller::Failure& failure);

/// `{"class": …, "message": …, "hint": …}`
Json failure_json(const controller::Failure& failure);

/// The text with what could steer a terminal or turn the text around it (control characters, those of
/// bidirectional text, line separators) shown as `\xNN` or `\uNNNN`, and so what is no UTF-8. Done twice it
/// is done once.
std::string harmless(std::string_view text);

} // namespace cli
