using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Tokenization;

/// <content>Loading and saving.</content>
public sealed partial class BertTokenizer
{
    /// <summary>
    /// Loads a tokenizer from a model folder (tokenizer.json or vocab.txt, with tokenizer_config.json, special_tokens_map.json and
    /// added_tokens.json where they are there), from a vocab.txt or from a tokenizer.json.
    /// </summary>
    /// <param name="path">The folder or file. Of a file alone, the configuration beside it is not read.</param>
    /// <param name="options">Replaces what the files say about normalization and special tokens; null: as they say.</param>
    /// <exception cref="FileNotFoundException">There is no such file or folder, or the folder has no vocabulary.</exception>
    /// <exception cref="InvalidModelFileException">A file is damaged, or the tokenizer is not a BERT WordPiece one.</exception>
    public static BertTokenizer Load(string path, BertTokenizerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TokenizerFiles.Load(path, options);
    }

    /// <summary>Makes a tokenizer from the tokens of a vocabulary in the order of their ids. Of equal tokens the last counts.</summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="options">How text is cut; null for the defaults (uncased).</param>
    /// <exception cref="InvalidModelFileException">The vocabulary lacks the unknown, the classification or the separator token.</exception>
    public static BertTokenizer FromVocabulary(IEnumerable<string> tokens, BertTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new BertTokenizer(new Vocabulary([.. tokens]), options ?? new BertTokenizerOptions(), "vocabulary");
    }

    /// <summary>Makes a tokenizer from the text of a vocab.txt.</summary>
    /// <param name="vocabulary">UTF-8 text, one token per line; stays open.</param>
    /// <param name="options">How text is cut; null for the defaults (uncased).</param>
    /// <exception cref="InvalidModelFileException">The text is not UTF-8 or empty, or the vocabulary lacks the unknown, the classification
    /// or the separator token.</exception>
    public static BertTokenizer FromVocabulary(Stream vocabulary, BertTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new BertTokenizer(new Vocabulary(VocabularyFile.Read(vocabulary, TokenizerFileNames.Vocabulary)),
            options ?? new BertTokenizerOptions(), TokenizerFileNames.Vocabulary);
    }

    /// <summary>
    /// Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json, which transformers loads as they are. Each file
    /// is replaced as a whole.
    /// </summary>
    /// <param name="folder">The folder; made where it is missing.</param>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TokenizerFiles.Save(this, folder);
    }
}
