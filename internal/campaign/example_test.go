package campaign_test

import (
	"fmt"

	"relance/internal/campaign"
)

// One mailbox has one form, however it is spelt; it is what is stored, compared and shown.
func ExampleParseAddress() {
	for _, text := range []string{
		"Info@MÜNCHEN.example", "info@xn--mnchen-3ya.example.", "Info <info@mu\u0308nchen.example>",
		"mailto:ada@contoso.example?subject=Hi", "ada@localhost", "ada at contoso.example",
	} {
		address, err := campaign.ParseAddress(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Println(address)
	}
	// Output:
	// info@münchen.example
	// info@münchen.example
	// info@münchen.example
	// ada@contoso.example
	// "ada@localhost" is not an email address: the domain "localhost" has no dot
	// "ada at contoso.example" is not an email address: there is no @
}

// A user's number is one that a message can be sent to; a contact's is one that a person
// can dial.
func ExampleParsePhone() {
	for _, text := range []string{"+44 (0)7911 123456", "0044 7911 123456", "07911 123456", "+32 000 00 00 00"} {
		if number, err := campaign.ParsePhone(text); err != nil {
			fmt.Println(err)
		} else {
			fmt.Println(number)
		}
	}
	number, err := campaign.ParseContactPhone("(415) 555-0100 ext. 12")
	fmt.Println(number, err)
	// Output:
	// +447911123456
	// +447911123456
	// "07911 123456" is not a phone number that exists; write it with its country, for example +32 475 12 34 56
	// "+32 000 00 00 00" is not a phone number that exists; write it with its country, for example +32 475 12 34 56
	// (415) 555-0100 ext. 12 <nil>
}

func ExampleParseRate() {
	for _, text := range []string{"10", "300/m", "1000/h", "none", "90/m", "10/day"} {
		rate, err := campaign.ParseRate(text)
		if err != nil {
			fmt.Println(err)
			continue
		}
		fmt.Printf("%s is %.3g a second, written %s\n", text, float64(rate), rate)
	}
	// Output:
	// 10 is 10 a second, written 10/s
	// 300/m is 5 a second, written 5/s
	// 1000/h is 0.278 a second, written 1000/h
	// none is 0 a second, written none
	// 90/m is 1.5 a second, written 90/m
	// "10/day" is not a rate; expected contacts a second, a minute or an hour, such as 10, 300/m or 1000/h, or none for no limit
}
