package contactcsv_test

import (
	"fmt"
	"strings"

	"relance/internal/contactcsv"
)

// A report out of a German Excel: a title above the header, semicolons, the
// code page of Windows, a title before a name, and a cell without a value.
func ExampleRead() {
	file, err := contactcsv.Read(strings.NewReader("Kunden 2024;;\n"+
		"Name;Firma;E-Mail\n"+
		"Dr. J\xfcrgen M\xfcller;Acme GmbH;j.mueller@acme.example\n"+
		"Ann Lee;#NV;ann@lee.example\n"), contactcsv.Options{})
	if err != nil {
		fmt.Println(err)
		return
	}
	fmt.Println(file.Encoding, "header in line", file.HeaderLine)
	for _, row := range file.Rows {
		c := row.Contact
		fmt.Printf("%d: %s | %s | %s | %s\n", row.Line, c.FirstName, c.LastName, c.Company, c.Email)
	}
	for _, p := range file.Problems {
		fmt.Printf("line %d, %s %q: %s\n", p.Line, p.Column, p.Value, p.Problem)
	}
	// Output:
	// windows-1252 header in line 2
	// 3: Jürgen | Müller | Acme GmbH | j.mueller@acme.example
	// 4: Ann | Lee |  | ann@lee.example
	// line 4, Firma "#NV": this stands for no value; it was taken to be empty
}
