package present

// The lead writes the mapping from flow.State to Operator and Applicant in
// screens.go, steps.go, pages_of.go and person.go of this folder now. Whoever
// works on ui/view goes on with the view, its tests and pictures.
