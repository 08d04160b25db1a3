#include "config/load.hpp"

#include "config/document.hpp"
#include "config/draft.hpp"
#include "config/placed.hpp"
#include "config/rules.hpp"

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <memory>
#include <system_error>

namespace config {
namespace {

std::string lines_of(const std::string& path, const std::vector<Fault>& faults) {
  std::string lines;
  for (const auto& fault : faults)
    lines += (lines.empty() ? "" : "\n") + to_string(path, fault);
  return lines;
}

std::vector<std::string> strings(const std::string& path, std::vector<Note> notes, const Lines& lines) {
  std::vector<std::string> out;
  for (const auto& fault : placed(std::move(notes), lines))
    out.push_back(to_string(path, fault));
  return out;
}

Config finish(Draft&& draft) {
  for (auto& [host, managers] : draft.hosts) {
    for (auto& [manager, at, service_at, after] : managers) {
      manager.host = host.name;
      for (auto& [name, name_at] : after)
        manager.after.push_back(std::move(name));
      host.managers.push_back(std::move(manager));
    }
    draft.config.hosts.push_back(std::move(host));
  }
  return std::move(draft.config);
}

} // namespace

std::vector<Fault> placed(std::vector<Note> notes, const Lines& lines) {
  std::stable_sort(notes.begin(), notes.end(), [](const Note& a, const Note& b) { return a.at < b.at; });
  std::vector<Fault> faults;
  for (auto& note : notes) {
    const auto [line, column] = lines.of(note.at);
    faults.push_back({line, column, std::move(note.key), std::move(note.message)});
  }
  return faults;
}

Node document_of(const std::string& path, std::string_view text, const Lines& lines) {
  try {
    return read_document(text);
  } catch (const SyntaxError& e) {
    throw Error(path, placed({{e.at(), {}, e.what()}}, lines));
  }
}

Error::Error(std::string path, std::vector<Fault> faults)
    : std::runtime_error(lines_of(path, faults)), path_(std::move(path)), faults_(std::move(faults)) {}

std::string to_string(const std::string& path, const Fault& fault) {
  auto text = path + ":" + std::to_string(fault.line) + ":" + std::to_string(fault.column);
  for (const auto& part : {fault.key, fault.message})
    if (!part.empty()) text += ": " + part;
  return text;
}

Config parse(std::string_view text, const std::string& path, const Checks& checks) {
  text = without_byte_order_mark(text);
  const Lines lines(text);
  const Node document = document_of(path, text, lines);
  Reader reader(checks, lines);
  auto draft = read_keys(reader, document);
  check_whole(reader, draft);
  if (!reader.faults.empty()) throw Error(path, placed(std::move(reader.faults), lines));
  draft.config.path = path;
  draft.config.not_in_force = strings(path, std::move(reader.not_in_force), lines);
  draft.config.warnings = strings(path, warnings_of(draft), lines);
  draft.config.exposed = strings(path, exposed_of(draft), lines);
  return finish(std::move(draft));
}

std::string read_file(const std::string& path) {
  const std::unique_ptr<std::FILE, int (*)(std::FILE*)> file(std::fopen(path.c_str(), "re"), std::fclose);
  if (!file) throw std::system_error(errno, std::generic_category(), path);
  std::string text;
  std::array<char, std::size_t{64} * 1024> block{};
  // One byte more than may be is enough to know: the path may be a device that never ends.
  while (text.size() <= max_document_bytes) {
    const auto n = std::fread(block.data(), 1, block.size(), file.get());
    text.append(block.data(), n);
    if (n < block.size() && std::ferror(file.get()))
      throw std::system_error(errno, std::generic_category(), path);
    if (n < block.size()) break;
  }
  return text;
}

Config load(const std::string& path, const Checks& checks) {
  return parse(read_file(path), path, checks);
}

} // namespace config
