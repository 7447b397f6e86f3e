using SqueezeBert.Assistant.Definitions;

namespace SqueezeBert.Assistant.Analysis;

/// <summary>Finds the question of a list that is most like a text, by the cosine of their vectors. Thread-safe.</summary>
internal sealed class QuestionMatcher : IDisposable
{
    private readonly TextEmbedder _embedder;
    private readonly Lazy<List<(ReadOnlyMemory<float> Vector, QuestionDefinition Question)>> _questions;

    /// <param name="embedder">Makes vectors; disposed with this.</param>
    /// <param name="questions">The list; its vectors are made when they are first needed.</param>
    public QuestionMatcher(TextEmbedder embedder, IReadOnlyList<QuestionDefinition> questions)
    {
        _embedder = embedder;
        _questions = new(() =>
        {
            var wordings = questions.SelectMany(question => question.Wordings.Select(wording => (wording, question))).ToList();
            return [.. embedder.Embed([.. wordings.Select(one => one.wording)]).Zip(wordings, (made, one) => (made.Vector, one.question))];
        });
    }

    /// <summary>The most similar question of the list, and how similar it is, -1..1; of equal ones the first.</summary>
    public (QuestionDefinition Question, float Similarity)? Find(string text, CancellationToken cancellationToken)
    {
        if (_questions.Value.Count == 0) return null;
        var vector = _embedder.Embed(text, cancellationToken: cancellationToken).Vector;
        var best = _questions.Value.Select(one => (one.Question, Similarity: VectorSimilarity.Cosine(vector.Span, one.Vector.Span)))
            .MaxBy(one => one.Similarity);
        return best;
    }

    public void Dispose() => _embedder.Dispose();
}
