using System.Globalization;
using SqueezeBert.Files;

namespace SqueezeBert.Training.Tasks;

/// <summary>What the tokens of a stage of plain text depend on, in 128 bits: the files' contents, the tokenizer, how text is cut.</summary>
internal static class PlainTextKey
{
    private const int PartBytes = 1 << 20;

    /// <summary>32 hexadecimal digits; reads all files.</summary>
    /// <param name="input">The stage.</param>
    /// <param name="form">What the text is made into.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public static string Of(StageInput input, string form, CancellationToken cancellationToken)
    {
        var (stage, tokenizer, hash) = (input.Stage, input.Tokenizer, new StreamingHash());
        foreach (var token in tokenizer.Vocabulary.Tokens) hash.Add(token ?? "");
        hash.Add(tokenizer.Options.ToString());
        foreach (var token in tokenizer.Options.AddedTokens) hash.Add(token.ToString());
        hash.Add(form);
        hash.Add(string.Create(CultureInfo.InvariantCulture, $"{stage.MaxLength} {stage.HeldOut} {stage.Data.Count}"));
        var part = new byte[PartBytes];
        foreach (var source in stage.Sources)
        {
            hash.Add(string.Create(CultureInfo.InvariantCulture, $"{source.Limit}"));
            var path = input.PathOf(source);

            // A file that is not there is an error of whoever reads it, with the nearest names.
            if (!File.Exists(path)) continue;
            using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
            for (int count; (count = file.ReadAtLeast(part, part.Length, throwOnEndOfStream: false)) > 0;)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.Add(part.AsSpan(0, count));
            }
        }

        return hash.ToString();
    }
}
