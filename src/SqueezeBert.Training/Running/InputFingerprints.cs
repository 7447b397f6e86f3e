using System.Buffers;
using System.Security.Cryptography;

namespace SqueezeBert.Training.Running;

/// <summary>
/// The hashes of a run's inputs, by the field of the recipe that names them: data, vocabulary, the tokenizer of the start, and teachers.
/// When a run is resumed, they must be unchanged, because otherwise the result would belong to neither set of inputs.
/// </summary>
internal sealed class InputFingerprints
{
    private const int BufferBytes = 1 << 20;

    // What a tokenizer is read from, and the configuration.
    private static readonly string[] SmallFiles =
    [
        "config.json", "vocab.txt", "tokenizer.json", "tokenizer_config.json", "special_tokens_map.json", "added_tokens.json",
    ];

    // The preferred first.
    private static readonly string[] WeightPatterns = ["*.safetensors", "*.bin", "*.onnx", "onnx/*.onnx"];

    private readonly SortedDictionary<string, string> _hashes = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string> _paths = new(StringComparer.Ordinal);
    private readonly int _firstStage;

    /// <param name="recipe">The run.</param>
    /// <param name="firstStage">Stages before it have ended: their files are not needed any more.</param>
    /// <param name="cancellationToken">Cancels reading.</param>
    public InputFingerprints(Recipe recipe, int firstStage, CancellationToken cancellationToken)
    {
        _firstStage = firstStage;
        if (recipe.Vocabulary is { } vocabulary) AddModel("vocabulary", vocabulary, hasWeights: false);

        // A checkpoint has taken over the start's tensors.
        if (recipe.From is { } from) AddModel("from", from, hasWeights: false);
        for (var i = firstStage; i < recipe.Stages.Count; i++)
        {
            var stage = recipe.Stages[i];
            var field = FormattableString.Invariant($"stages[{i}]");
            AddSources($"{field}.data", stage.Data);
            AddSources($"{field}.evaluation", stage.Evaluation);
            for (var head = 0; head < stage.Heads.Count; head++)
            {
                var one = stage.Heads[head];
                var headField = FormattableString.Invariant($"{field}.heads[{head}]");
                AddSources($"{headField}.data", one.Data);
                AddSources($"{headField}.evaluation", one.Evaluation);
                AddTeachers(headField, one.Teacher, one.OtherTeachers);
            }

            AddSources($"{field}.exclude", stage.Exclude);
            if (stage.Similarity is { } similarity) AddFile($"{field}.similarity", Path.Combine(recipe.DataRoot, similarity.File));
            AddTeachers(field, stage.Teacher, stage.OtherTeachers);
        }

        void AddTeachers(string field, string? first, IReadOnlyList<string> others)
        {
            if (first is not null) AddModel($"{field}.teacher", first, hasWeights: true);
            for (var t = 0; t < others.Count; t++)
                AddModel(FormattableString.Invariant($"{field}.teacher[{t + 1}]"), others[t], hasWeights: true);
        }

        void AddSources(string field, IReadOnlyList<DataSource> sources)
        {
            for (var i = 0; i < sources.Count; i++)
                AddFile(FormattableString.Invariant($"{field}[{i}]"), Path.Combine(recipe.DataRoot, sources[i].File));
        }

        void AddModel(string field, string path, bool hasWeights)
        {
            if (!Directory.Exists(path))
            {
                AddFile(field, path);
                path = Path.GetDirectoryName(Path.GetFullPath(path))!;
                if (!hasWeights && field != "from") return;
            }

            foreach (var name in SmallFiles) AddFile($"{field}/{name}", Path.Combine(path, name));
            if (!hasWeights) return;
            foreach (var pattern in WeightPatterns)
            {
                var found = Files(path, pattern);
                foreach (var file in found) AddFile($"{field}/{Path.GetRelativePath(path, file)}", file);
                if (found.Count > 0) return;
            }
        }

        // A file that is not there is an error of whoever reads it, with the nearest names. A pipe, which has no length, can be read once.
        void AddFile(string field, string path)
        {
            if (!File.Exists(path) || new FileInfo(path).Length == 0) return;
            _hashes[field] = Hash(path, cancellationToken);
            _paths[field] = path;
        }
    }

    /// <summary>SHA-256 of each input that is there, by its field and, in a folder, its name.</summary>
    public IReadOnlyDictionary<string, string> Hashes => _hashes;

    /// <summary>The first input that is not as it was, and what is wrong with it; null where all are.</summary>
    /// <param name="before">As the checkpoint has them.</param>
    public (string Field, string Reason)? FirstChange(IReadOnlyDictionary<string, string> before)
    {
        foreach (var (field, hash) in _hashes)
        {
            if (!before.TryGetValue(field, out var old)) return (field, $"'{_paths[field]}' was not there");
            if (old != hash) return (field, $"'{_paths[field]}' has another content than");
        }

        return before.Keys.Where(field => !_hashes.ContainsKey(field) && !IsDone(field)).Order(StringComparer.Ordinal)
            .Select(field => ((string, string)?)(field, "is not there any more, as it was")).FirstOrDefault();
    }

    private bool IsDone(string field) => Enumerable.Range(0, _firstStage)
        .Any(stage => field.StartsWith(FormattableString.Invariant($"stages[{stage}]."), StringComparison.Ordinal));

    private static List<string> Files(string folder, string pattern)
    {
        var place = Path.Combine(folder, Path.GetDirectoryName(pattern)!);
        return !Directory.Exists(place) ? []
            : [.. Directory.EnumerateFiles(place, Path.GetFileName(pattern)).Order(StringComparer.Ordinal)];
    }

    private static string Hash(string path, CancellationToken cancellationToken)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        var buffer = ArrayPool<byte>.Shared.Rent(BufferBytes);
        try
        {
            while (file.Read(buffer) is > 0 and var count)
            {
                cancellationToken.ThrowIfCancellationRequested();
                hash.AppendData(buffer, 0, count);
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }
}
