using SqueezeBert.Evaluation;
using SqueezeBert.Evaluation.Data;
using SqueezeBert.Graphs.Parameters;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks.Ordering;

/// <summary>
/// Plain text, with one paragraph per line and an empty line between documents, as pairs of consecutive segments. A pair consists of as
/// many sentences of a document as fit, divided between two of them. The label of an example is the number of its document. Documents are
/// held out by the hash of their first line.
/// </summary>
internal sealed class SegmentPairData
{
    private const int SentencesAtATime = 8192;
    private const int MinTokens = 8;

    private readonly StageInput _input;
    private readonly StageData _target;
    private readonly List<(string Text, int Document, bool IsHeldOut)> _sentences = [];
    private readonly List<int[]> _segment = [];
    private readonly int _room;
    private int _document;
    private int _tokens;

    private SegmentPairData(StageInput input, StageData target)
    {
        (_input, _target) = (input, target);
        _room = input.Stage.MaxLength - SequenceLayout.SpecialTokensOfPair;
    }

    /// <exception cref="DataFormatException">A file is not text.</exception>
    public static StageData Read(StageInput input, CancellationToken cancellationToken) =>
        PlainTextCache.Read(input, "pairs", target =>
        {
            var data = new SegmentPairData(input, target);
            for (var i = 0; i < input.Stage.Sources.Count; i++) data.ReadFile(i, cancellationToken);
        }, cancellationToken);

    private void ReadFile(int sourceIndex, CancellationToken cancellationToken)
    {
        var (stage, source) = (_input.Stage, _input.Stage.Sources[sourceIndex]);
        var (isInside, isHeldOut) = (false, false);
        using var reader = TableReader.Open(_input.PathOf(source), new TableOptions { Format = TableFormat.Lines });
        foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
        {
            var line = row.Fields[0];
            if (string.IsNullOrWhiteSpace(line))
            {
                isInside = false;
                continue;
            }

            if (!isInside)
            {
                _document++;
                isHeldOut = sourceIndex >= stage.Data.Count || (stage.HeldOut > 0 && HashSplit.IsHeldOut(line, stage.HeldOut));
                isInside = true;
            }

            foreach (var sentence in SentenceSplitter.Split(line)) _sentences.Add((sentence, _document, isHeldOut));
            if (_sentences.Count >= SentencesAtATime) Flush(sourceIndex, cancellationToken);
        }

        Flush(sourceIndex, cancellationToken);
    }

    private void Flush(int sourceIndex, CancellationToken cancellationToken)
    {
        var encodings = _input.Tokenizer.EncodeBatch(
            [.. _sentences.Select(sentence => sentence.Text)],
            new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false }, cancellationToken);
        for (var i = 0; i < _sentences.Count; i++)
        {
            if (encodings[i].Length == 0) continue;
            _segment.Add(encodings[i].Ids.ToArray());
            _tokens += encodings[i].Length;
            var isLast = i + 1 == _sentences.Count || _sentences[i + 1].Document != _sentences[i].Document;
            if (isLast || (_tokens >= _room && _segment.Count > 1)) Emit(sourceIndex, _sentences[i].Document, _sentences[i].IsHeldOut);
        }

        _sentences.Clear();
    }

    private void Emit(int sourceIndex, int document, bool isHeldOut)
    {
        if (_segment.Count > 1 && _tokens >= MinTokens)
        {
            var set = isHeldOut ? _target.HeldOut : _target.Train;

            // Where it is cut is the text's own matter, so that it stays when other files come or go.
            var hash = (ulong)_tokens;
            foreach (var id in _segment[0]) hash = HashedNumbers.Mix(hash ^ (uint)id);
            var cut = 1 + (int)(hash % (ulong)(_segment.Count - 1));
            int[] first = [.. _segment.Take(cut).SelectMany(ids => ids)], second = [.. _segment.Skip(cut).SelectMany(ids => ids)];
            var (keptFirst, keptSecond) = Windows.Split(first.Length, second.Length, _room, Truncation.LongestFirst);
            var layout = new SequenceLayout(keptFirst, keptSecond, Special: true);
            var sequence = new int[layout.Length];
            _input.Tokenizer.WriteSequence(layout, first.AsSpan(0, keptFirst), second.AsSpan(0, keptSecond), sequence);
            set.Add(sequence, layout.SecondStart, document, set.AddText(sourceIndex));
            if (!isHeldOut) _target.Weights.Add((float)_input.Stage.Data[sourceIndex].Weight);
        }

        _segment.Clear();
        _tokens = 0;
    }
}
