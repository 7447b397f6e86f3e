using SqueezeBert.Checkpoints;
using SqueezeBert.Tokenization.Files;

namespace SqueezeBert.Tokenization;

/// <content>Loads and saves tokenizers.</content>
public sealed partial class BertTokenizer
{
    /// <summary>
    /// Loads a tokenizer from a model folder, from a vocab.txt or from a tokenizer.json. A folder contains tokenizer.json or vocab.txt, and
    /// optionally tokenizer_config.json, special_tokens_map.json and added_tokens.json.
    /// </summary>
    /// <param name="path">The path of the folder or file. For a file, the configuration files beside it are not read.</param>
    /// <param name="options">
    /// The options, which replace what the files say about normalization and special tokens. Null uses the settings of the files.
    /// </param>
    /// <exception cref="FileNotFoundException">The file or folder does not exist, or the folder contains no vocabulary.</exception>
    /// <exception cref="InvalidModelFileException">A file is damaged, or the tokenizer is not a WordPiece tokenizer of BERT.</exception>
    public static BertTokenizer Load(string path, BertTokenizerOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        return TokenizerFiles.Load(path, options);
    }

    /// <summary>
    /// Creates a tokenizer from the tokens of a vocabulary, in the order of their ids. If a token occurs several times, its last id counts.
    /// </summary>
    /// <param name="tokens">The tokens.</param>
    /// <param name="options">The options. Null uses the defaults, which are those of an uncased model.</param>
    /// <exception cref="InvalidModelFileException">
    /// The vocabulary does not contain the unknown, the classification or the separator token.
    /// </exception>
    public static BertTokenizer FromVocabulary(IEnumerable<string> tokens, BertTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(tokens);
        return new BertTokenizer(new Vocabulary([.. tokens]), options ?? new BertTokenizerOptions(), "vocabulary");
    }

    /// <summary>Creates a tokenizer from the content of a vocab.txt.</summary>
    /// <param name="vocabulary">The UTF-8 text, with one token per line. The stream is left open.</param>
    /// <param name="options">The options. Null uses the defaults, which are those of an uncased model.</param>
    /// <exception cref="InvalidModelFileException">
    /// The text is empty or not UTF-8, or the vocabulary does not contain the unknown, the classification or the separator token.
    /// </exception>
    public static BertTokenizer FromVocabulary(Stream vocabulary, BertTokenizerOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(vocabulary);
        return new BertTokenizer(new Vocabulary(VocabularyFile.Read(vocabulary, TokenizerFileNames.Vocabulary)),
            options ?? new BertTokenizerOptions(), TokenizerFileNames.Vocabulary);
    }

    /// <summary>
    /// Writes vocab.txt, tokenizer.json, tokenizer_config.json and special_tokens_map.json, in the form that transformers reads. Each file
    /// is replaced as a whole.
    /// </summary>
    /// <param name="folder">The folder to write to. It is created if necessary.</param>
    public void Save(string folder)
    {
        ArgumentException.ThrowIfNullOrEmpty(folder);
        TokenizerFiles.Save(this, folder);
    }
}
