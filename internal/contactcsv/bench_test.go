package contactcsv_test

import (
	"fmt"
	"strings"
	"testing"

	"github.com/stretchr/testify/require"

	"relance/internal/contactcsv"
)

// Time per row stays the same from ten thousand rows to a million.
func BenchmarkRead(b *testing.B) {
	for _, rows := range []int{10_000, 1_000_000} {
		var in strings.Builder
		in.WriteString("Record ID,First Name,Last Name,Email,Company,Notes\n")
		for i := range rows {
			fmt.Fprintf(&in, "%d,Ada,Lovelace,ada%d@example.test,\"Contoso, Ltd.\",very interested\n", i, i)
		}
		b.Run(fmt.Sprint(rows), func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				file, err := contactcsv.Read(strings.NewReader(in.String()), contactcsv.Options{})
				require.NoError(b, err)
				require.Len(b, file.Rows, rows)
			}
			b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N)/float64(rows), "ns/row")
		})
	}
}
