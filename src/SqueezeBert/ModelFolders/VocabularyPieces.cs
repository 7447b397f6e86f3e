using SqueezeBert.Checkpoints;
using SqueezeBert.Configuration;
using SqueezeBert.Tokenization;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.ModelFolders;

/// <summary>The characters of a tokenizer's vocabulary, for heads that read the n-grams of words. They are collected when needed.</summary>
internal static class VocabularyPieces
{
    public static Lazy<WordPieces> Of(BertTokenizer tokenizer) => new(() => Collect(tokenizer));

    /// <summary>Like <see cref="Of(BertTokenizer)"/>, for a tokenizer that is loaded then.</summary>
    /// <param name="folder">The folder of the model, for messages.</param>
    /// <param name="load">Loads the tokenizer.</param>
    public static Lazy<WordPieces> Of(string folder, Func<BertTokenizer> load) => new(() =>
    {
        try
        {
            return Collect(load());
        }
        catch (FileNotFoundException e)
        {
            throw new InvalidModelFileException(
                folder, $"field '{HashedNgramFields.Field}'",
                $"takes the characters of words from the vocabulary, and the folder has neither {TokenizerFileNames.Tokenizer} nor " +
                    $"{TokenizerFileNames.Vocabulary}; copy the model's tokenizer into it",
                e, ErrorKind.Missing);
        }
    });

    // A tokenizer.json need not list all of the tokens that a text is put between.
    private static WordPieces Collect(BertTokenizer tokenizer) => new(
        tokenizer.Vocabulary.Tokens, tokenizer.Options.ContinuingSubwordPrefix,
        id => tokenizer.IsSpecial(id) || id == tokenizer.UnknownTokenId || id == tokenizer.ClsTokenId || id == tokenizer.SepTokenId
            || id == tokenizer.PadTokenId || id == tokenizer.MaskTokenId);
}
