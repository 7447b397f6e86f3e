using System.Globalization;
using System.IO.MemoryMappedFiles;
using SqueezeBert.Checkpoints;
using SqueezeBert.Files;
using SqueezeBert.Gradients.Losses;
using SqueezeBert.Gradients.Memory;
using SqueezeBert.Memory;
using SqueezeBert.Serving;
using SqueezeBert.Threading;
using SqueezeBert.Training.Data;
using SqueezeBert.Training.Starts;

namespace SqueezeBert.Training.TeacherCaches;

/// <summary>
/// The outputs of a teacher for the texts of a stage, from a file that is created once. The rows are in float16 and are identified by the
/// tokens of the text and the fingerprint of the teacher. The file is mapped into memory instead of being read. After the first steps, a
/// step allocates nothing. Not thread-safe.
/// </summary>
internal sealed unsafe class TeacherCache : ITargetRows, IDisposable
{
    private readonly string _folder;
    private readonly string _teacher;
    private readonly CacheKind _kind;
    private readonly IReadOnlyList<ExampleSet> _sets;
    private readonly WorkerPool _pool;
    private readonly NativeBuffer _memory = new();
    private readonly Dictionary<ExampleSet, long[]> _offsets = [];
    private MemoryMappedViewAccessor? _view;
    private byte* _data;
    private int _width;

    /// <param name="folder">Of caches; made where it is not there.</param>
    /// <param name="teacher">The teacher's folder.</param>
    /// <param name="kind">What is kept.</param>
    /// <param name="sets">The texts.</param>
    /// <param name="pool">The thread pool, which belongs to the caller.</param>
    public TeacherCache(string folder, string teacher, CacheKind kind, IReadOnlyList<ExampleSet> sets, WorkerPool pool)
    {
        (_folder, _teacher, _kind, _sets, _pool) = (folder, teacher, kind, sets, pool);
    }

    /// <summary>The rows of the batch that was prepared last.</summary>
    public NativeRows Rows { get; private set; }

    /// <summary>
    /// Opens the cache, and computes what it lacks; how much and how long is told before. Another run that is computing is waited for.
    /// </summary>
    /// <exception cref="InvalidModelFileException">The cache is damaged or another model's; or the teacher cannot be read.</exception>
    /// <exception cref="IOException">There is no room.</exception>
    /// <exception cref="OperationCanceledException">Cancelled; what is done is kept, and the next call goes on.</exception>
    public void Open(Action<string> tell, CancellationToken cancellationToken)
    {
        using var model = new TeacherModel(_teacher);
        var settings = SentenceEncoderSettings.Exists(_teacher) ? SentenceEncoderSettings.Load(_teacher) : null;
        var identity = new CacheIdentity(
            ModelFingerprint.Of(model.Folder, model.Tokenizer, settings), _kind,
            _kind == CacheKind.Vectors ? model.Configuration.HiddenSize : model.Configuration.Labels.Count);
        _width = identity.Width;
        var path = Path.Combine(_folder, identity.FileName);
        using var held = Lock(path, tell, cancellationToken);

        // A process that is killed at once leaves a part without its header.
        var begun = new FileInfo(CacheFile.PartOf(path));
        var (whole, part) = (File.Exists(path), begun.Exists && begun.Length >= CacheIdentity.Size);
        var before = whole || part ? CacheFile.Read(whole ? path : CacheFile.PartOf(path), identity, !whole, cancellationToken) : null;
        var missing = Missing(before);
        if (missing.Count > 0 || !whole)
        {
            // As a part it can be added to: a crash leaves what is there.
            if (whole) File.Move(path, CacheFile.PartOf(path), overwrite: true);
            using (var writer = new CacheWriter(path, identity, before))
            {
                if (missing.Count > 0) Compute(model, missing, before, writer, tell, cancellationToken);
                writer.Complete();
            }

            before = CacheFile.Read(path, identity, isPart: false, cancellationToken);
        }

        foreach (var set in _sets)
            _offsets[set] = [.. Enumerable.Range(0, set.Count).Select(i => before!.Offsets[TextKey.Of(set, set[i])])];

        // The view stays when the file is closed, and a closed file can be added to by another run; rows that are there do not move.
        using var file = MemoryMappedFile.CreateFromFile(
            new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read | FileShare.Delete), null, 0,
            MemoryMappedFileAccess.Read, HandleInheritability.None, leaveOpen: false);
        _view = file.CreateViewAccessor(0, 0, MemoryMappedFileAccess.Read);
        _view.SafeMemoryMappedViewHandle.AcquirePointer(ref _data);
    }

    /// <summary>Takes the rows of a batch out of the cache.</summary>
    public void Prepare(MicroBatch batch)
    {
        _memory.Reserve(NativeBuffer.BytesOf((long)batch.Examples.Count * _width));
        Rows = new NativeRows(_memory.Floats, batch.Examples.Count, _width);
        for (var text = 0; text < batch.Examples.Count; text++)
        {
            var (set, example) = batch.Set!.OwnerOf(batch.Examples[text]);
            var source = (Half*)(_data + _offsets[set][example]);
            var target = Rows.Row(text);
            for (var i = 0; i < _width; i++) target[i] = (float)source[i];
        }
    }

    public void Dispose()
    {
        if (_data is not null) _view!.SafeMemoryMappedViewHandle.ReleasePointer();
        _data = null;
        _view?.Dispose();
        _memory.Dispose();
    }

    // A whole cache may lie in a folder that cannot be written to: nobody adds to it there, so that it needs no lock.
    private FileLock? Lock(string path, Action<string> tell, CancellationToken cancellationToken)
    {
        FileProblem.MakeFolder(_folder);
        try
        {
            return CacheLock.Wait(path + ".lock", $"the teacher's cache '{path}'", tell, cancellationToken);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException && File.Exists(path))
        {
            return null;
        }
    }

    private List<(ExampleSet Set, int Example)> Missing(CacheFile? before)
    {
        var seen = new HashSet<TextKey>();
        var missing = new List<(ExampleSet Set, int Example)>();
        foreach (var set in _sets)
        {
            for (var i = 0; i < set.Count; i++)
            {
                var key = TextKey.Of(set, set[i]);
                if (before?.Offsets.ContainsKey(key) != true && seen.Add(key)) missing.Add((set, i));
            }
        }

        return [.. missing.OrderBy(text => text.Set[text.Example].Length)];
    }

    private void Compute(TeacherModel model, List<(ExampleSet Set, int Example)> missing, CacheFile? before, CacheWriter writer,
        Action<string> tell, CancellationToken cancellationToken)
    {
        using var filler = new CacheFiller(model.Folder, _kind, _pool);
        var bytes = (long)missing.Count * (TextKey.Size + (_width * sizeof(ushort)));
        var free = new DriveInfo(Path.GetFullPath(_folder)).AvailableFreeSpace;
        if (bytes > free) throw new IOException(string.Create(CultureInfo.InvariantCulture,
            $"the teacher's cache in '{_folder}' needs {bytes / 1e6:N1} MB more, and {free / 1e6:N1} MB are free"));
        var time = filler.Estimate(missing);
        var there = before is null ? "" : string.Create(CultureInfo.InvariantCulture, $", {before.Offsets.Count:N0} are there");
        tell(string.Create(CultureInfo.InvariantCulture,
            $"teacher's cache: {missing.Count:N0} texts to compute{there}, {bytes / 1e6:N1} MB in '{_folder}', about {time:h\\:mm\\:ss}"));
        filler.Fill(missing, writer, tell, cancellationToken);
    }
}
