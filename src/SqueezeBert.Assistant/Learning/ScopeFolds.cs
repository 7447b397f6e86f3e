using SqueezeBert.Assistant.Analysis;
using SqueezeBert.Evaluation;

namespace SqueezeBert.Assistant.Learning;

/// <summary>
/// Learns from each four of five parts of the texts, and measures the fifth: no text is measured by a distance or a regression that was
/// learnt from it.
/// </summary>
internal sealed class ScopeFolds
{
    /// <summary>How many parts there are.</summary>
    public const int Count = 5;

    private ScopeFolds(ScopeCalibration calibration, double[] inScope, double[] outOfScope) =>
        (Calibration, InScope, OutOfScope) = (calibration, inScope, outOfScope);

    /// <summary>Learnt from the measured confidence and distance of all texts.</summary>
    public ScopeCalibration Calibration { get; }

    /// <summary>How probably each text in scope is, by what was learnt from the parts that it is not in.</summary>
    public double[] InScope { get; }

    /// <summary>The same of the texts out of scope.</summary>
    public double[] OutOfScope { get; }

    /// <summary>The part of a text, from 0.</summary>
    public static int Of(string text) => (int)(HashSplit.Hash(text) % Count);

    /// <summary>Learns and measures.</summary>
    /// <exception cref="ArgumentException">There are too few texts in the other parts of one, or they all have the same vector.</exception>
    public static ScopeFolds Measure(
        IReadOnlyList<ScopeText> inScope, IReadOnlyList<ScopeText> outOfScope, CancellationToken cancellationToken)
    {
        CheckParts(inScope, nameof(inScope));
        CheckParts(outOfScope, nameof(outOfScope));
        var distances = Enumerable.Range(0, Count)
            .Select(fold => ScopeTexts.Distance([.. inScope.Where(text => text.Fold != fold)], cancellationToken)).ToList();
        var inside = Numbers(inScope);
        var outside = Numbers(outOfScope);
        var calibrations = Enumerable.Range(0, Count).Select(fold => ScopeCalibration.Fit(Others(inScope, inside, fold),
            Others(outOfScope, outside, fold))).ToList();
        return new ScopeFolds(ScopeCalibration.Fit(inside, outside), Probabilities(inScope, inside), Probabilities(outOfScope, outside));

        List<(double Distance, double Confidence)> Numbers(IReadOnlyList<ScopeText> texts) =>
            [.. texts.Select(text => (distances[text.Fold].Of(text.Vector.Span), text.Confidence))];

        double[] Probabilities(IReadOnlyList<ScopeText> texts, List<(double Distance, double Confidence)> numbers) =>
            [.. texts.Zip(numbers, (text, number) => calibrations[text.Fold].InScope(number.Distance, number.Confidence))];
    }

    private static void CheckParts(IReadOnlyList<ScopeText> texts, string name)
    {
        for (var fold = 0; fold < Count; fold++)
        {
            var others = texts.Count(text => text.Fold != fold);
            if (others >= ScopeCalibration.MinTexts) continue;
            var (side, alike) = (ScopeTexts.SideOf(name), texts.Count - others);
            throw new ArgumentException(
                FormattableString.Invariant(
                    $"{alike} of {texts.Count} texts {side} scope are in one of {Count} parts, as equal texts are: add texts"), name);
        }
    }

    private static List<(double Distance, double Confidence)> Others(
        IReadOnlyList<ScopeText> texts, List<(double Distance, double Confidence)> numbers, int fold) =>
        [.. numbers.Where((_, i) => texts[i].Fold != fold)];
}
