using SqueezeBert.Evaluation;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Answering;

/// <summary>A question that is held out.</summary>
/// <param name="Context">The paragraph.</param>
/// <param name="Answers">Right answers; none: it has no answer.</param>
/// <param name="Offsets">Where the paragraph's tokens stand in it.</param>
internal sealed record HeldOutQuestion(string Context, IReadOnlyList<string> Answers, TokenOffset[] Offsets);

/// <summary>
/// Questions beside the windows of their paragraphs. An example's numbers are the places of the answer's first and last token, of the
/// paragraph's first token, and that token's number in the paragraph; a window without the whole answer has it at [CLS]. All questions
/// about a paragraph are held out together, by its hash.
/// </summary>
internal sealed class AnsweringData : StageData
{
    private const int QuestionsAtATime = 1024;
    private const int UsualQuestionTokens = 64;
    private const int UsualOverlap = 128;

    private readonly StageInput _input;
    private readonly List<SquadQuestion> _questions = new(QuestionsAtATime);
    private readonly int[] _ids;
    private (string Text, TextEncoding Encoding)? _context;

    private AnsweringData(StageInput input)
    {
        _input = input;
        _ids = new int[input.Stage.MaxLength];
    }

    /// <summary>In the order of their numbers.</summary>
    public List<HeldOutQuestion> Questions { get; } = [];

    /// <summary>Whether any question has no answer.</summary>
    public bool HasUnanswerable { get; private set; }

    private StageRecipe Stage => _input.Stage;

    /// <exception cref="DataFormatException">A file is malformed.</exception>
    public static AnsweringData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = new AnsweringData(input);
        for (var i = 0; i < input.Stage.Sources.Count; i++)
        {
            var source = input.Stage.Sources[i];
            var file = input.PathOf(source);
            foreach (var question in SquadReader.Read(file, cancellationToken).Questions.Take(source.Limit ?? int.MaxValue))
            {
                Check(question, file);
                data._questions.Add(question);
                if (data._questions.Count == QuestionsAtATime) data.Flush(i, cancellationToken);
            }

            data.Flush(i, cancellationToken);
        }

        return data;
    }

    // What is learnt is a place, not a text.
    private static void Check(SquadQuestion question, string file)
    {
        if (string.IsNullOrWhiteSpace(question.Question))
            throw new DataFormatException(file, null, $"question '{question.Id}' is empty");
        if (question.Answers.Count > 0 && (question.Answers[0].Start is null || question.Answers[0].Text.Length == 0))
            throw new DataFormatException(file, null,
                $"question '{question.Id}': the answer '{question.Answers[0].Text}' does not stand at its answer_start; correct it or " +
                    "leave the question out");
    }

    private void Flush(int sourceIndex, CancellationToken cancellationToken)
    {
        var questions = _input.Tokenizer.EncodeBatch(
            [.. _questions.Select(question => question.Question)],
            new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false }, cancellationToken);
        for (var i = 0; i < questions.Count; i++) Add(_questions[i], questions[i].Ids, sourceIndex, cancellationToken);
        _questions.Clear();
    }

    private void Add(SquadQuestion question, ReadOnlySpan<int> asked, int sourceIndex, CancellationToken cancellationToken)
    {
        var isHeldOut = sourceIndex >= Stage.Data.Count || (Stage.HeldOut > 0 && HashSplit.IsHeldOut(question.Context, Stage.HeldOut));
        var context = Tokenize(question.Context, cancellationToken);
        var set = isHeldOut ? HeldOut : Train;
        var text = set.AddText(sourceIndex);
        if (isHeldOut)
            Questions.Add(new HeldOutQuestion(
                question.Context, [.. question.Answers.Select(answer => answer.Text)], context.Offsets.ToArray()));
        HasUnanswerable |= question.Answers.Count == 0;
        var (first, last) = TokensOf(question, context);

        // The same room, question and overlap as the pipeline's.
        var room = Stage.MaxLength - SequenceLayout.SpecialTokensOfPair;
        asked = asked[..Math.Min(asked.Length, Math.Min(UsualQuestionTokens, Math.Max(1, room / 2)))];
        room -= asked.Length;
        var overlap = Math.Min(isHeldOut || Stage.Stride == 0 ? Math.Min(UsualOverlap, room / 2) : Stage.Stride, room - 1);
        var windows = new TokenWindows(context.Length, room, overlap);
        while (windows.MoveNext())
        {
            var window = windows.Current;
            var part = context.Ids[window.Start..window.End];
            var layout = new SequenceLayout(asked.Length, part.Length, Special: true);
            var ids = _ids.AsSpan(0, layout.Length);
            _input.Tokenizer.WriteSequence(layout, asked, part, ids);
            var hasAnswer = first >= window.Start && last < window.End && first <= last;
            var shift = layout.SecondStart - window.Start;
            var numbers = set.AddNumbers(
                [hasAnswer ? first + shift : 0, hasAnswer ? last + shift : 0, layout.SecondStart, window.Start]);
            set.Add(ids, layout.SecondStart, numbers, text);
            if (!isHeldOut) Weights.Add((float)Stage.Data[sourceIndex].Weight);
        }
    }

    // Questions about one paragraph follow each other.
    private TextEncoding Tokenize(string context, CancellationToken cancellationToken)
    {
        if (_context is { } known && ReferenceEquals(known.Text, context)) return known.Encoding;
        var encoding = _input.Tokenizer.EncodeBatch([context], new EncodingOptions { AddSpecialTokens = false }, cancellationToken)[0];
        _context = (context, encoding);
        return encoding;
    }

    /// <summary>The first and last token with a part of the first answer; the first is behind the last where there is none.</summary>
    private static (int First, int Last) TokensOf(SquadQuestion question, TextEncoding context)
    {
        if (question.Answers.Count == 0) return (0, -1);
        var (text, start) = (question.Answers[0].Text, question.Answers[0].Start!.Value);
        var offsets = context.Offsets;
        var (first, last) = (0, offsets.Length - 1);
        while (first < offsets.Length && offsets[first].End <= start) first++;
        while (last >= 0 && offsets[last].Start >= start + text.Length) last--;
        return (first, last);
    }
}
