using SqueezeBert.Pipelines.Classifying;
using SqueezeBert.Pipelines.LongTexts;

namespace SqueezeBert.Pipelines.Reranking;

/// <summary>Computes one score for each pair of a query and a text.</summary>
internal sealed class RerankingWorker(PipelineModel model, Relevance relevance)
    : ClassificationWorker(model, relevance.Problem), IPipelineWorker<TextPair, ScoredText>
{
    private readonly float[] _labels = new float[model.Configuration.Labels.Count];
    private readonly List<string> _texts = [];

    /// <summary>Returns what is wrong with a pair: one of its texts is null.</summary>
    public static new string? Problem(in TextPair input) =>
        input.Text is null ? "the query is null" : input.Pair is null ? "the text is null" : null;

    static string? IPipelineWorker<TextPair, ScoredText>.Problem(in TextPair input) => Problem(input);

    static long IPipelineWorker<TextPair, ScoredText>.Characters(in TextPair input) => Characters(input);

    public override void Clear()
    {
        base.Clear();
        _texts.Clear();
    }

    void IPipelineWorker<TextPair, ScoredText>.Add(TextPair input, in Reading reading, CancellationToken cancellationToken)
    {
        _texts.Add(input.Pair!);
        Add(input.Text, input.Pair, reading, cancellationToken);
    }

    ScoredText IPipelineWorker<TextPair, ScoredText>.Result(int item) => new(_texts[item], Score(item, out var read), read);

    /// <summary>Returns the score of a pair, and how much of it was read.</summary>
    public float Score(int item, out ReadInfo read)
    {
        read = Scores(item, _labels);
        return _labels[relevance.Label];
    }
}

/// <param name="Text">The text.</param>
/// <param name="Score">The relevance of the text.</param>
/// <param name="Read">How much of the query and the text was read.</param>
internal readonly record struct ScoredText(string Text, float Score, ReadInfo Read);
