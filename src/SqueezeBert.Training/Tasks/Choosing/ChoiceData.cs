using SqueezeBert.Evaluation;
using SqueezeBert.Pipelines.LongTexts;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Choosing;

/// <summary>
/// Questions whose choices are several texts of one example. Its numbers are the right choice and then, choice by choice, the number of
/// tokens and where the second text begins.
/// </summary>
internal static class ChoiceData
{
    private const int RowsAtATime = 512;

    /// <exception cref="DataFormatException">A column is missing, or a row has no choices or no label among them.</exception>
    public static StageData Read(StageInput input, CancellationToken cancellationToken)
    {
        var data = new StageData();
        for (var i = 0; i < input.Stage.Sources.Count; i++)
        {
            var source = input.Stage.Sources[i];
            foreach (var rows in ChoiceColumns.Read(input.PathOf(source), source, cancellationToken).Chunk(RowsAtATime))
                Add(input, i, rows, data, cancellationToken);
        }

        return data;
    }

    private static void Add(StageInput input, int sourceIndex, ChoiceRow[] rows, StageData data, CancellationToken cancellationToken)
    {
        var stage = input.Stage;
        var texts = rows.SelectMany(row => row.Choices.Prepend(row.Context)).ToList();
        var encodings = input.Tokenizer.EncodeBatch(
            texts, new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false }, cancellationToken);
        var (tokens, numbers, next) = (new List<int>(), new List<int>(), 0);
        foreach (var row in rows)
        {
            var isHeldOut = sourceIndex >= stage.Data.Count || (stage.HeldOut > 0 && HashSplit.IsHeldOut(row.Group, stage.HeldOut));
            var context = encodings[next++].Ids;
            tokens.Clear();
            numbers.Clear();
            numbers.Add(row.Label);
            for (var choice = 0; choice < row.Choices.Count; choice++)
                AddChoice(input, context, encodings[next++].Ids, tokens, numbers);
            var set = isHeldOut ? data.HeldOut : data.Train;
            set.Add([.. tokens], tokens.Count, set.AddNumbers([.. numbers]), set.AddText(sourceIndex));
            if (!isHeldOut) data.Weights.Add((float)stage.Data[sourceIndex].Weight);
        }
    }

    // As the pipeline reads them: what is too long is cut, the longer of the two first.
    private static void AddChoice(
        StageInput input, ReadOnlySpan<int> context, ReadOnlySpan<int> choice, List<int> tokens, List<int> numbers)
    {
        var kept = new PairWindows(
            context.Length, choice.Length, input.Stage.MaxLength - SequenceLayout.SpecialTokensOfPair, LongText.Truncate);
        var layout = new SequenceLayout(kept.KeptFirst, kept.KeptSecond, Special: true);
        var ids = new int[layout.Length];
        input.Tokenizer.WriteSequence(layout, context[..kept.KeptFirst], choice[..kept.KeptSecond], ids);
        tokens.AddRange(ids);
        numbers.Add(layout.Length);
        numbers.Add(layout.SecondStart);
    }
}
