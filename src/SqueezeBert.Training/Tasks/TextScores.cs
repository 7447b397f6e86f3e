using SqueezeBert.Checkpoints;
using SqueezeBert.Pipelines.Classifying;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// The scores of texts by the rule of <see cref="TextClassifier"/>: those of a text's windows are averaged by the windows' weights.
/// </summary>
internal sealed class TextScores(ProblemType problem, int texts, int outputs)
{
    // Logits of a text that is one window, and the scores so far of one that is several.
    private readonly float[] _values = new float[checked(texts * outputs)];
    private readonly bool[] _isAveraged = new bool[texts];
    private readonly float[] _window = new float[outputs];

    /// <summary>Adds the logits of a window, or of a whole text.</summary>
    /// <param name="text">The text's number.</param>
    /// <param name="weight">The window's part; one means the whole text.</param>
    /// <param name="logits">As many as outputs.</param>
    public void Add(int text, float weight, ReadOnlySpan<float> logits)
    {
        var values = Values(text);
        if (weight == 1)
        {
            logits.CopyTo(values);
            return;
        }

        _isAveraged[text] = true;
        logits.CopyTo(_window);
        ClassificationScores.Apply(_window, problem);
        for (var k = 0; k < values.Length; k++) values[k] += weight * _window[k];
    }

    /// <summary>What a user gets: probabilities, or the value itself of a regression.</summary>
    public void Scores(int text, Span<float> scores)
    {
        Values(text).CopyTo(scores);
        if (!_isAveraged[text]) ClassificationScores.Apply(scores, problem);
    }

    /// <summary>Logits with these scores, for the loss.</summary>
    public void Logits(int text, Span<float> logits)
    {
        Values(text).CopyTo(logits);
        if (_isAveraged[text]) ClassificationScores.ToLogits(logits, problem);
    }

    private Span<float> Values(int text) => _values.AsSpan(text * outputs, outputs);
}
