package main

import (
	"fmt"
	"slices"
	"strings"

	"relance/workflows"
)

// weak is a reason why the run proves little.
func (v *verdict) weak(format string, args ...any) {
	v.Weak = append(v.Weak, fmt.Sprintf(format, args...))
}

// doubtTheRun says why a run that broke nothing would prove nothing: too little
// was sent while something was wrong, or what was to go wrong did not.
func (v *verdict) doubtTheRun() {
	if v.Meanwhile < 100 {
		v.weak("only %d mails were accepted while it was disturbed", v.Meanwhile)
	}
	switch {
	case v.lab.restarts > 0:
		if done := v.Faults[gentleStop]; done < v.lab.restarts {
			v.weak("only %d of %d restarts were done", done, v.lab.restarts)
		}
		v.doubtTheShapes(nil)
		return
	case v.lab.storage:
		if len(v.Rounds) < len(shares) {
			v.weak("only %d of %d rounds were done", len(v.Rounds), len(shares))
		}
		if v.Tries[firstTry].Sent == 0 { // a server that is well leaves nothing to activities
			v.weak("%s: none sent anything", firstTry)
		}
		return
	}
	for _, f := range v.lab.chosen {
		switch {
		case f.first && v.Faults[f.kind] == 0:
			v.weak("no turn came to: %s", f.kind)
		case (f.kind == killAtGates || f.kind == cutAtGates) && v.AtGates < 10:
			v.weak("%s: only %d sends were there", f.kind, v.AtGates)
		case f.alone && v.TwoOwners == 0:
			v.weak("%s: no send had two owners at the gate", f.kind)
		}
	}
	v.doubtTheShapes(v.lab.chosen)
	v.doubtThePaces()
	v.doubtTheOutages()
	if answers := v.laws[9].Checked; len(v.lab.lanes.that(isRead)) > 0 && answers < 10 {
		v.weak("only %d answers were heard", answers)
	}
}

// doubtTheShapes says which of the two shapes nothing was done to. Beside a worker that
// does not know first tries none is begun.
func (v *verdict) doubtTheShapes(chosen []fault) {
	for _, is := range shapes {
		if is == firstTry && v.olderBuilds() {
			continue
		}
		t := v.Tries[is]
		if t.Meanwhile == 0 {
			v.weak("%s: none sent anything while it was disturbed", is)
		}
		kills := slices.ContainsFunc(chosen, func(f fault) bool { return f.ofWorker && strings.HasPrefix(f.kind, "kill") })
		if kills && t.CutOff == 0 {
			v.weak("%s: none was cut off by a worker's end", is)
		}
		for _, f := range chosen {
			switch {
			case (f.kind == killAtGates || f.kind == cutAtGates) && t.AtGates == 0:
				v.weak("%s: none was at its gate when something struck there", is)
			case f.alone && t.TwoOwners == 0:
				v.weak("%s: none had two owners", is)
			}
		}
	}
}

func (v *verdict) olderBuilds() bool {
	for build := range v.Builds {
		if !strings.HasSuffix(build, workflows.FirstTryBuild) {
			return true
		}
	}
	return false
}
