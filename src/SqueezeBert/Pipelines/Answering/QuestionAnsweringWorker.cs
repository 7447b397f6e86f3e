using System.Runtime.InteropServices;
using SqueezeBert.Graphs;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;

namespace SqueezeBert.Pipelines.Answering;

/// <summary>Answers questions about documents. A window is [CLS] question [SEP] part of the document [SEP].</summary>
internal sealed class QuestionAnsweringWorker(PipelineModel model, QuestionAnswererOptions options)
    : PipelineWorker<QuestionAnsweringWorker.Window>(model), IPipelineWorker<(string Question, string Document), QuestionAnswer>
{
    private const int DefaultQuestionTokens = 64;
    private const int DefaultOverlap = 128;

    private readonly string _logits = model.Output(OutputNames.Logits);
    private readonly List<Item> _items = [];
    private readonly List<TokenOffset> _offsets = [];
    private readonly List<SpanRanking> _rankings = [];

    public override int Count => _items.Count;

    public static string? Problem(in (string Question, string Document) input) =>
        input.Question is null ? "the question is null" : input.Document is null ? "the document is null" : null;

    public static long Characters(in (string Question, string Document) input) => (long)input.Question.Length + input.Document.Length;

    public override void Clear()
    {
        base.Clear();
        _items.ClearAndTrim();
        _offsets.ClearAndTrim();
    }

    public void Add((string Question, string Document) input, in Reading reading, CancellationToken cancellationToken) =>
        Add(input.Question, input.Document, input.Document, reading, cancellationToken);

    /// <param name="question">The question.</param>
    /// <param name="document">The document.</param>
    /// <param name="text">The document again, for <see cref="Result"/>, or null if only <see cref="Spans"/> are read.</param>
    /// <param name="reading">How much of the input is read.</param>
    /// <param name="cancellationToken">Cancels the call. It is checked if a document needs several batches.</param>
    public void Add(
        ReadOnlySpan<char> question, ReadOnlySpan<char> document, string? text, in Reading reading, CancellationToken cancellationToken)
    {
        var room = PairRoom(reading);
        var maxQuestion = Math.Min(options.MaxQuestionTokens ?? Math.Min(DefaultQuestionTokens, Math.Max(1, room / 2)), room - 1);

        // A question has its own limit, which cuts where the document is read in windows too.
        var cutting = reading.LongText == LongText.Error ? reading : reading with { LongText = LongText.Truncate };
        var asked = Tokenize(question, First, maxQuestion, cutting, cancellationToken);
        var questionTokens = asked.Kept;
        room -= questionTokens;
        var read = Tokenize(document, Second, room, reading, cancellationToken);
        var count = read.Kept;
        var (number, firstOffset) = (_items.Count, _offsets.Count);
        CollectionExtensions.AddRange(_offsets, Second.Offsets[..count]);
        if (_rankings.Count == number) _rankings.Add(new SpanRanking(options.Candidates, options.MaxAnswerTokens));
        _rankings[number].Clear();
        var windows = new TokenWindows(count, room, Math.Min(options.Overlap ?? Math.Min(DefaultOverlap, room / 2), room - 1));
        _items.Add(new Item(text, new ReadInfo
        {
            TokenCount = questionTokens + count + SequenceLayout.SpecialTokensOfPair,
            CharactersRead = asked.CharactersRead + read.CharactersRead,
            WindowCount = windows.WindowCount,
            IsTruncated = asked.IsTruncated || read.IsTruncated,
        }, asked.IsTruncated));
        while (windows.MoveNext())
        {
            var (start, end) = (windows.Current.Start, windows.Current.End);
            Enqueue(First.Ids[..questionTokens], Second.Ids[start..end],
                new Window(number, questionTokens + 2, firstOffset + start, end - start), cancellationToken);
        }
    }

    /// <summary>Returns the answers without their texts, best first.</summary>
    public ReadOnlySpan<AnswerSpan> Spans(int item, out float noAnswerScore, out float noAnswerProbability)
    {
        noAnswerScore = _rankings[item].NoAnswerScore;
        return _rankings[item].Finish(options.AllowNoAnswer, out noAnswerProbability);
    }

    public ReadInfo Read(int item) => _items[item].Read;

    public QuestionAnswer Result(int item)
    {
        var (text, read, isQuestionTruncated) = _items[item];
        var spans = Spans(item, out var score, out var probability);
        var answers = new Answer[spans.Length];
        for (var i = 0; i < answers.Length; i++)
        {
            var span = spans[i];
            answers[i] = new Answer
            {
                Text = text![span.Start..span.End],
                Start = span.Start,
                End = span.End,
                Score = span.Score,
                Probability = span.Probability,
            };
        }

        var isUnanswered = options.AllowNoAnswer && answers.Length > 0 && score - answers[0].Score > options.NoAnswerThreshold;
        return new QuestionAnswer
        {
            Answers = answers,
            Best = isUnanswered || answers.Length == 0 ? null : answers[0],
            NoAnswerScore = score,
            NoAnswerProbability = probability,
            Read = read,
            IsQuestionTruncated = isQuestionTruncated,
        };
    }

    protected override void Collect(int text, in Window window) =>
        _rankings[window.Item].Add(Rows(_logits, text), window.Prefix,
            CollectionsMarshal.AsSpan(_offsets).Slice(window.FirstOffset, window.Count));

    /// <param name="Item">The input of the window.</param>
    /// <param name="Prefix">The number of tokens before those of the document.</param>
    /// <param name="FirstOffset">The index of the first stored offset of the document's tokens.</param>
    /// <param name="Count">The number of the document's tokens in the window.</param>
    internal readonly record struct Window(int Item, int Prefix, int FirstOffset, int Count);

    private readonly record struct Item(string? Document, ReadInfo Read, bool IsQuestionTruncated);
}
