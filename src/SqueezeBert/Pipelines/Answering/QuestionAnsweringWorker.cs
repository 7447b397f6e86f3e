using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;

namespace SqueezeBert.Pipelines.Answering;

/// <summary>Questions about documents: a window is [CLS] question [SEP] part of the document [SEP].</summary>
internal sealed class QuestionAnsweringWorker(PipelineModel model, QuestionAnswererOptions options)
    : PipelineWorker<(string Question, string Document), QuestionAnswer, QuestionAnsweringWorker.Window>(model, OutputNames.Logits)
{
    private const int DefaultQuestionTokens = 64;
    private const int DefaultOverlap = 128;

    private readonly List<Item> _items = [];
    private readonly List<TokenOffset> _offsets = [];
    private readonly List<SpanRanking> _rankings = [];

    public override int Count => _items.Count;

    public override void Clear()
    {
        base.Clear();
        _items.Clear();
        _offsets.Clear();
    }

    public override void Add((string Question, string Document) input, CancellationToken cancellationToken) =>
        Add(input.Question, input.Document, input.Document, cancellationToken);

    /// <param name="question">The question.</param>
    /// <param name="document">The document.</param>
    /// <param name="text">The document again, for <see cref="Result"/>; null where only <see cref="Spans"/> are read.</param>
    /// <param name="cancellationToken">Looked at where a document needs several batches.</param>
    public void Add(ReadOnlySpan<char> question, ReadOnlySpan<char> document, string? text, CancellationToken cancellationToken)
    {
        var room = PairRoom;
        var maxQuestion = Math.Min(options.MaxQuestionTokens ?? Math.Min(DefaultQuestionTokens, Math.Max(1, room / 2)), room - 1);
        var questionTokens = Tokenize(question, First, maxQuestion, LongText.Truncate);
        room -= questionTokens;
        var count = Tokenize(document, Second, room, options.LongText);

        var item = new Item(text, 0, count < Second.Count, questionTokens < First.Count);
        var (number, firstOffset) = (_items.Count, _offsets.Count);
        CollectionExtensions.AddRange(_offsets, Second.Offsets[..count]);
        if (_rankings.Count == number) _rankings.Add(new SpanRanking(options.Candidates, options.MaxAnswerTokens));
        _rankings[number].Clear();
        _items.Add(item);
        var windows = new TokenWindows(count, room, Math.Min(options.Overlap ?? Math.Min(DefaultOverlap, room / 2), room - 1));
        while (windows.MoveNext())
        {
            var (start, end) = (windows.Current.Start, windows.Current.End);
            item = item with { WindowCount = item.WindowCount + 1 };
            Enqueue(First.Ids[..questionTokens], Second.Ids[start..end],
                new Window(number, questionTokens + 2, firstOffset + start, end - start), cancellationToken);
        }

        _items[number] = item;
    }

    /// <summary>The answers without their texts, best first.</summary>
    public ReadOnlySpan<AnswerSpan> Spans(int item, out float noAnswerScore, out float noAnswerProbability)
    {
        noAnswerScore = _rankings[item].NoAnswerScore;
        return _rankings[item].Finish(options.AllowNoAnswer, out noAnswerProbability);
    }

    public override QuestionAnswer Result(int item)
    {
        var (text, windows, isTruncated, isQuestionTruncated) = _items[item];
        var spans = Spans(item, out var score, out var probability);
        var answers = new Answer[spans.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            var span = spans[i];
            answers[i] = new Answer(text![span.Start..span.End], span.Start, span.End, span.Score, span.Probability);
        }

        var isUnanswered = options.AllowNoAnswer && answers.Length > 0 && score - answers[0].Score > options.NoAnswerThreshold;
        return new QuestionAnswer(answers, !isUnanswered)
        {
            NoAnswerScore = score,
            NoAnswerProbability = probability,
            WindowCount = windows,
            IsTruncated = isTruncated,
            IsQuestionTruncated = isQuestionTruncated,
        };
    }

    protected override void Collect(int text, in Window window) =>
        _rankings[window.Item].Add(Rows(OutputNames.Logits, text), window.Prefix,
            CollectionsMarshal.AsSpan(_offsets).Slice(window.FirstOffset, window.Count));

    /// <param name="Item">The input that the window is of.</param>
    /// <param name="Prefix">Tokens before the document's.</param>
    /// <param name="FirstOffset">Where the offsets of the document's tokens are kept.</param>
    /// <param name="Count">The document's tokens in the window.</param>
    internal readonly record struct Window(int Item, int Prefix, int FirstOffset, int Count);

    private readonly record struct Item(string? Document, int WindowCount, bool IsTruncated, bool IsQuestionTruncated);
}
