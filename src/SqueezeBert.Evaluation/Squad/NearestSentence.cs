using SqueezeBert.Evaluation.Data;

namespace SqueezeBert.Evaluation.Squad;

/// <summary>
/// Answers a question with a whole sentence of its paragraph: the one that shares most words with the question, by BM25 among the
/// paragraph's sentences. It shows how far the words of a question lead without a network. Not thread-safe: the sentences of the last
/// paragraph are kept, because the questions about a paragraph follow each other.
/// </summary>
internal sealed class NearestSentence
{
    private string? _context;
    private string[] _sentences = [];
    private Bm25Index? _index;

    /// <summary>
    /// The sentence and its score, which is at least 0. Without a common word it is the first sentence; a paragraph without words gives "".
    /// </summary>
    public (string Sentence, double Score) Of(SquadQuestion question)
    {
        if (!string.Equals(_context, question.Context, StringComparison.Ordinal))
        {
            _context = question.Context;
            _sentences = [.. SentenceSplitter.Split(_context)];
            _index = new Bm25Index(_sentences);
        }

        var found = _index!.Rank(question.Question, 1);
        return found.Count > 0 ? (_sentences[found[0].Document], found[0].Score) : (_sentences.FirstOrDefault() ?? "", 0);
    }
}
