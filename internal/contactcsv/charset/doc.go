// Package charset finds out in which character encoding a file of names and
// addresses was written, without a mark that says so, and decodes it to UTF-8.
//
// UTF-8 and UTF-16 are recognised by their form. The code pages of spreadsheets
// differ by their letters: each candidate is scored by how likely its
// reading is as names of the languages that are written in it (see lexicon), and
// by what no name has, such as a capital or a pound sign inside a word. It is
// pure, deterministic and linear in the length of the file.
package charset
