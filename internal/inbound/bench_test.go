package inbound_test

import (
	"testing"

	"relance/internal/inbound"
)

// What a mail costs the reader, over the kinds that come in: bounces of every server, and
// a reply with a quote.
func BenchmarkJudge(b *testing.B) {
	bounces := readBounces(b)
	for name, mails := range map[string][][]byte{
		"bounce": func() (all [][]byte) {
			for _, l := range bounces {
				all = append(all, l.raw)
			}
			return
		}(),
		"reply":    {from("Sounds good, call me on Tuesday." + footer)},
		"vacation": {from("I am out of the office until March 9."+footer, "Auto-Submitted: auto-replied")},
	} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for i := 0; b.Loop(); i++ {
				inbound.Judge(mails[i%len(mails)], arrived, self)
			}
		})
	}
}
