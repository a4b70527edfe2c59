package main

import (
	"cmp"
	"context"
	"slices"
	"time"
)

// measurement is one number of one round.
type measurement func(ctx context.Context, round int) (float64, error)

// compare measures ours and the floor in turns, so that whatever else the
// machine does meets both. The ratio is the median of the rounds' own ratios.
func (s *rig) compare(ctx context.Context, ours, floor measurement) (result, error) {
	return s.compareIn(ctx, s.rounds, ours, floor)
}

// compareIn is compare in so many rounds.
func (s *rig) compareIn(ctx context.Context, rounds int, ours, floor measurement) (result, error) {
	var all, floors []float64
	for round := range rounds {
		a, err := ours(ctx, round)
		if err != nil {
			return result{}, err
		}
		b, err := floor(ctx, round)
		if err != nil {
			return result{}, err
		}
		all, floors = append(all, a), append(floors, b)
		s.say("  round %d: %s ÷ %s = %s", round+1, number(a), number(b), number(a/b))
	}
	return ofRounds(all, floors), nil
}

// ofRounds is what the rounds come to: ours and the floor's of each.
func ofRounds(ours, floors []float64) result {
	ratios := make([]float64, len(ours))
	for round := range ours {
		ratios[round] = ours[round] / floors[round]
	}
	return result{Ours: median(ours), Floor: median(floors), Ratio: median(ratios), Spread: spread(ratios)}
}

// median of an even number of values is the mean of the two in the middle.
func median[T ~int64 | ~float64](values []T) T {
	sorted := slices.Sorted(slices.Values(values))
	return (sorted[(len(sorted)-1)/2] + sorted[len(sorted)/2]) / 2
}

func mean(values []float64) float64 {
	sum := 0.0
	for _, value := range values {
		sum += value
	}
	return sum / float64(len(values))
}

// percentile is the value below which a share of the values is. At least one is needed.
func percentile[T cmp.Ordered](values []T, share float64) T {
	sorted := slices.Sorted(slices.Values(values))
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}

func spread(values []float64) float64 {
	return (slices.Max(values) - slices.Min(values)) / median(values)
}

// perSecond is how many a second since a moment.
func perSecond(n int, since time.Time) float64 { return float64(n) / time.Since(since).Seconds() }
