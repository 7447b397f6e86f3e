using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// The scores of texts by the rule of <see cref="TextClassifier"/>: those of a text's windows are averaged by the windows' weights. Only
/// texts that are added take memory, of which there are far fewer than are held out.
/// </summary>
internal sealed class TextScores(ProblemType problem, int outputs)
{
    // Logits of a text that is one window, and the scores so far of one that is several.
    private readonly Dictionary<int, float[]> _values = [];
    private readonly HashSet<int> _averaged = [];
    private readonly float[] _window = new float[outputs];

    /// <summary>Adds the logits of a window, or of a whole text. Returns whether the text is a new one.</summary>
    /// <param name="text">The text's number.</param>
    /// <param name="weight">The window's part; one means the whole text.</param>
    /// <param name="logits">As many as outputs.</param>
    public bool Add(int text, float weight, ReadOnlySpan<float> logits)
    {
        var isNew = !_values.TryGetValue(text, out var values);
        if (isNew) _values.Add(text, values = new float[outputs]);
        if (weight == 1)
        {
            logits.CopyTo(values);
            return isNew;
        }

        _averaged.Add(text);
        logits.CopyTo(_window);
        ClassificationScores.Apply(_window, problem);
        for (var k = 0; k < outputs; k++) values![k] += weight * _window[k];
        return isNew;
    }

    /// <summary>What a user gets: probabilities, or the value itself of a regression.</summary>
    public void Scores(int text, Span<float> scores)
    {
        _values[text].CopyTo(scores);
        if (!_averaged.Contains(text)) ClassificationScores.Apply(scores, problem);
    }

    /// <summary>Logits with these scores, for the loss.</summary>
    public void Logits(int text, Span<float> logits)
    {
        _values[text].CopyTo(logits);
        if (_averaged.Contains(text)) ClassificationScores.ToLogits(logits, problem);
    }
}
