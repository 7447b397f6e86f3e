using SqueezeBert.Evaluation;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Encodings;
using SqueezeBert.Training.Data;

namespace SqueezeBert.Training.Tasks;

/// <summary>
/// Plain text for masked language modeling, with one paragraph per line and a blank line between documents. The tokens of a document are
/// divided into blocks of the full length; its last block may be shorter. A document is held out by the hash of its first line, or because
/// its file is evaluated.
/// </summary>
internal static class PlainTextData
{
    /// <summary>What its files hold, for help texts.</summary>
    public const string Form = "plain text, one paragraph per line and an empty line between documents";

    private const int LinesAtATime = 4096;
    private const int MinBlockLength = 8;

    public static void Read(StageInput input, int sourceIndex, StageData target, CancellationToken cancellationToken)
    {
        var (stage, tokenizer) = (input.Stage, input.Tokenizer);
        var source = stage.Sources[sourceIndex];
        var lines = new List<string>(LinesAtATime);
        var builder = new Blocks(stage, sourceIndex, tokenizer, target);
        var options = new EncodingOptions { AddSpecialTokens = false, ReturnOffsets = false };
        using var reader = TableReader.Open(input.PathOf(source), new TableOptions { Format = TableFormat.Lines });
        foreach (var row in reader.ReadRows(cancellationToken).Take(source.Limit ?? int.MaxValue))
        {
            lines.Add(row.Fields[0]);
            if (lines.Count == LinesAtATime) Flush();
        }

        Flush();
        builder.EndDocument();

        void Flush()
        {
            var encodings = tokenizer.EncodeBatch(lines, options, cancellationToken);
            for (var i = 0; i < lines.Count; i++) builder.Add(lines[i], encodings[i].Ids);
            lines.Clear();
        }
    }

    /// <summary>Complains about fields that plain text has no use for.</summary>
    public static void Check(StageRecipe stage, Func<string, string, RecipeException> error)
    {
        if (stage.Sources.Any(source => source.Format is not null || !source.HasHeader))
            throw error("data", "plain text has neither format nor header; leave them out");
    }

    /// <exception cref="RecipeException">The vocabulary has no token to put in the place of others.</exception>
    public static void RequireMask(StageInput input)
    {
        if (input.Tokenizer.MaskTokenId < 0)
            throw input.Error("vocabulary", "has no [MASK] token, which masked-language training needs");
    }

    /// <summary>What becomes of the tokens of a stage.</summary>
    public static TokenMasking Masking(StageInput input) => new(
        input.Stage.MaskProbability, input.Tokenizer.MaskTokenId, input.Tokenizer.Vocabulary.Count, input.Tokenizer.IsSpecial,
        input.Stage.WholeWords ? id => input.Tokenizer.Vocabulary[id]?.StartsWith("##", StringComparison.Ordinal) == true : null);

    /// <summary>Lines that are not empty.</summary>
    public static long CountLines(string path, CancellationToken cancellationToken)
    {
        using var reader = TableReader.Open(path, new TableOptions { Format = TableFormat.Lines });
        return reader.ReadRows(cancellationToken).LongCount(row => !string.IsNullOrWhiteSpace(row.Fields[0]));
    }

    private sealed class Blocks(StageRecipe stage, int sourceIndex, BertTokenizer tokenizer, StageData target)
    {
        private readonly List<int> _document = [];
        private readonly int _length = stage.MaxLength - SequenceLayout.SpecialTokensOfText;
        private readonly int[] _block = new int[stage.MaxLength];
        private bool _heldOut;

        public void Add(string line, ReadOnlySpan<int> ids)
        {
            if (string.IsNullOrWhiteSpace(line))
            {
                EndDocument();
                return;
            }

            if (_document.Count == 0)
                _heldOut = sourceIndex >= stage.Data.Count || (stage.HeldOut > 0 && HashSplit.IsHeldOut(line, stage.HeldOut));
            foreach (var id in ids) _document.Add(id);
        }

        public void EndDocument()
        {
            var tokens = System.Runtime.InteropServices.CollectionsMarshal.AsSpan(_document);
            var set = _heldOut ? target.HeldOut : target.Train;
            for (var start = 0; start < tokens.Length; start += _length)
            {
                var part = tokens.Slice(start, Math.Min(_length, tokens.Length - start));
                if (part.Length < MinBlockLength && start > 0) break;
                var layout = new SequenceLayout(part.Length, null, Special: true);
                var block = _block.AsSpan(0, layout.Length);
                tokenizer.WriteSequence(layout, part, [], block);
                set.Add(block, layout.Length, 0, set.AddText(sourceIndex));
                if (!_heldOut) target.Weights.Add((float)stage.Data[sourceIndex].Weight);
            }

            _document.Clear();
        }
    }
}
