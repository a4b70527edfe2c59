package inbound_test

import (
	"testing"
	"unicode/utf8"

	"github.com/stretchr/testify/require"

	"relance/internal/inbound"
)

func FuzzJudge(f *testing.F) {
	for i, l := range readBounces(f) {
		if i%4 == 0 && len(l.raw) < 2000 {
			f.Add(l.raw)
		}
	}
	f.Add(from("Sounds good." + footer))
	f.Add(from("I am out of the office until March 9.", "Auto-Submitted: auto-replied"))
	f.Add(from("unsubscribe"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		m, v := inbound.Judge(raw, arrived, self)
		require.Contains(t, inbound.Kinds(), v.Kind)
		require.NotEmpty(t, v.Reason)
		require.True(t, utf8.ValidString(v.Reason) && utf8.ValidString(v.Words) && utf8.ValidString(m.Text) && utf8.ValidString(m.Answer))
		for _, r := range v.Recipients {
			require.Contains(t, inbound.Classes(), r.Class)
			require.NotEmpty(t, r.Reason)
			require.False(t, v.Kind == inbound.Delayed && r.Class == inbound.ClassHard)
		}
		if v.Away != nil {
			require.Equal(t, v.Away.Undated, v.Away.Return.IsZero())
		}
	})
}
