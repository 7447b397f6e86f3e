namespace SqueezeBert.Benchmarks.Measuring;

/// <summary>Something that is measured in turns with others.</summary>
/// <param name="Name">For the table.</param>
/// <param name="Measure">One repetition; returns the sample: its seconds, or a rate.</param>
/// <param name="Repeats">Whether a turn begins with a repetition that does not count and goes on until it has lasted long enough; a probe
/// of the machine is one sample.</param>
internal sealed record Contender(string Name, Func<double> Measure, bool Repeats = true);
