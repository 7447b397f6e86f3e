using System.Buffers.Binary;
using System.Globalization;
using System.Text;
using SqueezeBert.Checkpoints;
using SqueezeBert.ModelFolders.Tensors;

namespace SqueezeBert.ModelFolders.PyTorch;

/// <summary>
/// Reads the pickles of PyTorch checkpoints. It supports only the opcodes that a dictionary of tensors needs, and treats globals as tokens
/// without effect. Nothing in the file is executed. The length, the stack, the memo and the number of objects are limited, and nothing
/// recurses.
/// </summary>
internal sealed class PickleReader
{
    /// <summary>The largest length of a pickle in bytes. A tensor takes about 120.</summary>
    public const int MaxPickleLength = 16 << 20;

    private const int MaxOnStack = 1 << 16;
    private const int MaxMemorized = 1 << 20;
    private const int MaxContainers = 1 << 19;
    private const int MaxStringLength = 1 << 14;
    private static readonly object True = true;
    private static readonly object False = false;
    private static readonly object[] SmallIntegers = [.. Enumerable.Range(0, 256).Select(value => (object)(long)value)];
    private static readonly object?[] EmptyTuple = [];
    private static readonly UTF8Encoding Utf8 = new(false, throwOnInvalidBytes: true);

    // torch.serialization.MAGIC_NUMBER, 0x1950a86a20f9469cfc6c, in little-endian order.
    private static readonly byte[] LegacyMagic = [0x6C, 0xFC, 0x9C, 0x46, 0xF9, 0x20, 0x6A, 0xA8, 0x50, 0x19];
    private readonly string _file;
    private readonly ReadOnlyMemory<byte> _bytes;
    private readonly List<object?> _stack = [];
    private readonly List<int> _marks = [];
    private readonly Dictionary<string, PickleStorage> _storages = new(StringComparer.Ordinal);
    private object?[] _memo = [];
    private int _memorized;
    private int _containers;
    private int _position;

    /// <param name="file">The name of the file in messages.</param>
    /// <param name="bytes">One pickle, or several consecutive ones.</param>
    public PickleReader(string file, ReadOnlyMemory<byte> bytes)
    {
        _file = file;
        _bytes = bytes;
    }

    /// <summary>The offset after the pickles that have been read.</summary>
    public int Position => _position;

    /// <summary>The storages that the pickles name, by their keys.</summary>
    public IReadOnlyDictionary<string, PickleStorage> Storages => _storages;

    /// <summary>Reads the next pickle.</summary>
    /// <returns>null, bool, long, double, string, object[] (tuple), List (list), or a value of PickleValues.cs.</returns>
    /// <exception cref="InvalidModelFileException">
    /// The pickle is damaged, exceeds a limit, or uses a feature that tensors do not need.
    /// </exception>
    public object? Read()
    {
        _stack.Clear();
        _marks.Clear();
        Array.Clear(_memo);
        _memorized = 0;
        if (Byte() != 0x80) throw Error("a pickle must begin with its protocol");
        var protocol = Byte();
        if (protocol is < 2 or > 5) throw Error($"pickle protocol {protocol} is not supported; PyTorch writes 2");
        while (true)
        {
            var opcode = Byte();
            switch ((char)opcode)
            {
                case '.':
                    if (_stack.Count != 1 || _marks.Count != 0) throw Error("the pickle ends with other than one value");
                    return _stack[0];
                case '(':
                    if (_marks.Count == MaxOnStack) throw Error("is nested too deeply");
                    _marks.Add(_stack.Count);
                    break;
                case 'N':
                    Push(null);
                    break;
                case '\x88':
                    Push(True);
                    break;
                case '\x89':
                    Push(False);
                    break;
                case 'K':
                    Push(SmallIntegers[Byte()]);
                    break;
                case 'M':
                    Push((long)BinaryPrimitives.ReadUInt16LittleEndian(Bytes(2)));
                    break;
                case 'J':
                    Push((long)BinaryPrimitives.ReadInt32LittleEndian(Bytes(4)));
                    break;
                case '\x8a':
                    PushLong();
                    break;
                case 'G':
                    Push(BinaryPrimitives.ReadDoubleBigEndian(Bytes(8)));
                    break;
                case 'X':
                    Push(String(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                    break;
                case '\x8c':
                    Push(String(Byte()));
                    break;
                case ')':
                    Push(EmptyTuple);
                    break;
                case '\x85':
                    PushTuple(_stack.Count - 1);
                    break;
                case '\x86':
                    PushTuple(_stack.Count - 2);
                    break;
                case '\x87':
                    PushTuple(_stack.Count - 3);
                    break;
                case 't':
                    PushTuple(PopMark());
                    break;
                case ']':
                    PushContainer(new List<object?>());
                    break;
                case '}':
                    PushContainer(new PickleDictionary(isOrdered: false));
                    break;
                case 'a':
                    Append(_stack.Count - 1);
                    break;
                case 'e':
                    Append(PopMark());
                    break;
                case 's':
                    SetItems(_stack.Count - 2);
                    break;
                case 'u':
                    SetItems(PopMark());
                    break;
                case 'q':
                    Memorize(Byte());
                    break;
                case 'r':
                    Memorize(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4)));
                    break;
                case '\x94':
                    Memorize((uint)_memorized);
                    break;
                case 'h':
                    Push(Recall(Byte()));
                    break;
                case 'j':
                    Push(Recall(BinaryPrimitives.ReadUInt32LittleEndian(Bytes(4))));
                    break;
                case 'c':
                    PushGlobal(Line(), Line());
                    break;
                case '\x93':
                    var name = Pop() as string;
                    PushGlobal(Pop() as string ?? throw Error("a global's module is not a string"),
                        name ?? throw Error("a global's name is not a string"));
                    break;
                case 'R':
                    Reduce();
                    break;
                case 'b':
                    // A state dict hangs its "_metadata" on the OrderedDict in this way; nobody reads it.
                    Pop();
                    if (Peek() is not PickleDictionary { IsOrdered: true })
                        throw Error("sets the state of something other than an OrderedDict");
                    break;
                case 'Q':
                    PushStorage();
                    break;
                case '\x95':
                    // A frame is a hint for buffering.
                    if (BinaryPrimitives.ReadUInt64LittleEndian(Bytes(8)) > (ulong)(_bytes.Length - _position))
                        throw Error("a frame ends after the pickle");
                    break;
                default:
                    throw Error(string.Create(CultureInfo.InvariantCulture,
                        $"pickle opcode {PickleOpcodes.NameOf(opcode)} at byte {_position - 1} is refused: no tensor needs it"));
            }
        }
    }

    private void PushLong()
    {
        var length = Byte();
        var digits = Bytes(length);
        if (length <= 8)
        {
            long value = length > 0 && (sbyte)digits[length - 1] < 0 ? -1 : 0;
            for (var i = length - 1; i >= 0; i--) value = (value << 8) | digits[i];
            Push(value);
        }
        else
        {
            if (!digits.SequenceEqual(LegacyMagic)) throw Error($"has an integer of {length} bytes");
            Push(PickleGlobal.LegacyMagic);
        }
    }

    private void PushGlobal(string module, string name) =>
        Push(PickleGlobals.Find(module, name) ?? throw Error(
            $"asks for '{module}.{name}', which is refused: no tensor needs it (save model.state_dict() alone, or as safetensors)"));

    private void Reduce()
    {
        if (Pop() is not object?[] arguments) throw Error("a call has no arguments");
        switch (Pop())
        {
            case PickleGlobal.OrderedDict when arguments.Length == 0:
                PushContainer(new PickleDictionary(isOrdered: true));
                break;
            case PickleGlobal.RebuildTensor when arguments is [PickleStorage storage, long offset, object?[] shape, object?[] strides]:
                Push(Tensor(storage, offset, shape, strides));
                break;
            case PickleGlobal.RebuildTensorV2
                when arguments is
                    [PickleStorage storage, long offset, object?[] shape, object?[] strides, bool, PickleDictionary hooks, .. var metadata]
                && hooks.Items.Count == 0
                && metadata is [] or [null] or [PickleDictionary { Items.Count: 0 }]:
                Push(Tensor(storage, offset, shape, strides));
                break;
            case PickleGlobal.RebuildParameter when arguments is [PickleTensor tensor, bool, PickleDictionary { Items.Count: 0 }]:
                Push(tensor);
                break;
            case PickleGlobal global:
                throw Error($"calls {global} with other arguments than PyTorch does");
            default:
                throw Error("calls something that is not a function");
        }
    }

    private PickleTensor Tensor(PickleStorage storage, long offset, object?[] shape, object?[] strides)
    {
        if (++_containers > MaxContainers) throw Error("has too many objects");
        return PickleViews.Check(_file, storage, offset, shape, strides);
    }

    private void PushStorage()
    {
        if (Pop() is not object?[] id || id is not ["storage", PickleGlobal global, string key, string, long count, .. var view]
            || view is not ([] or [null]))
            throw Error("refers to something other than a storage");
        var type = PickleGlobals.ElementType(global) ?? throw Error($"{global} is not a type of storage");
        if (count < 0 || count > long.MaxValue / TensorTypes.SizeOf(type)) throw Error($"storage '{key}' has {count} elements");
        if (_storages.TryGetValue(key, out var known))
        {
            if (known.Type != type || known.Count != count) throw Error($"storage '{key}' is there twice, with different types or sizes");
            Push(known);
            return;
        }

        var storage = new PickleStorage(key, type, count);
        _storages.Add(key, storage);
        PushContainer(storage);
    }

    private void Append(int start)
    {
        if (start < 1 || start < Floor() || _stack[start - 1] is not List<object?> list)
            throw Error("appends to something other than a list");
        list.AddRange(_stack[start..]);
        _stack.RemoveRange(start, _stack.Count - start);
    }

    private void SetItems(int start)
    {
        if (start < 1 || start < Floor() || (_stack.Count - start) % 2 != 0 || _stack[start - 1] is not PickleDictionary dictionary)
            throw Error("sets items of something other than a dictionary");
        for (var i = start; i < _stack.Count; i += 2) dictionary.Add(_stack[i], _stack[i + 1]);
        _stack.RemoveRange(start, _stack.Count - start);
    }

    private void PushTuple(int start)
    {
        if (start < Floor()) throw Error("takes more values from the stack than there are");
        var tuple = start == _stack.Count ? EmptyTuple : [.. _stack[start..]];
        _stack.RemoveRange(start, _stack.Count - start);
        PushContainer(tuple);
    }

    private void PushContainer(object container)
    {
        if (++_containers > MaxContainers) throw Error("has too many objects");
        Push(container);
    }

    private void Push(object? value)
    {
        if (_stack.Count == MaxOnStack) throw Error("has too many values on the stack");
        _stack.Add(value);
    }

    private object? Pop()
    {
        if (_stack.Count <= Floor()) throw Error("takes more values from the stack than there are");
        var value = _stack[^1];
        _stack.RemoveAt(_stack.Count - 1);
        return value;
    }

    private object? Peek() => _stack.Count > Floor() ? _stack[^1] : throw Error("takes more values from the stack than there are");

    // Values under the last mark are not to be touched before the mark is taken off.
    private int Floor() => _marks.Count == 0 ? 0 : _marks[^1];

    private int PopMark()
    {
        if (_marks.Count == 0) throw Error("takes a mark from the stack that is not there");
        var mark = _marks[^1];
        _marks.RemoveAt(_marks.Count - 1);
        return mark;
    }

    private void Memorize(uint index)
    {
        if (index >= MaxMemorized) throw Error("memorizes too many values");
        if (index >= _memo.Length) Array.Resize(ref _memo, (int)Math.Min(MaxMemorized, Math.Max(256, 2 * index)));
        _memo[index] = Peek();
        _memorized = Math.Max(_memorized, (int)index + 1);
    }

    private object? Recall(uint index) => index < _memorized ? _memo[index] : throw Error("recalls a value that it did not memorize");

    private string String(uint length)
    {
        if (length > MaxStringLength) throw Error($"has a string of {length} bytes");
        try
        {
            return Utf8.GetString(Bytes((int)length));
        }
        catch (DecoderFallbackException e)
        {
            throw new InvalidModelFileException(_file, null, "has a string that is not UTF-8", e);
        }
    }

    private string Line()
    {
        var rest = _bytes.Span[_position..];
        var length = rest[..Math.Min(rest.Length, 256)].IndexOf((byte)'\n');
        if (length < 0) throw Error("the name of a global has no end");
        _position += length + 1;
        return Encoding.Latin1.GetString(rest[..length]);
    }

    private byte Byte() =>
        _position < _bytes.Length ? _bytes.Span[_position++] : throw Error("the pickle has no end; the file is truncated");

    private ReadOnlySpan<byte> Bytes(int count)
    {
        if (_bytes.Length - _position < count) throw Error("the pickle has no end; the file is truncated");
        _position += count;
        return _bytes.Span.Slice(_position - count, count);
    }

    private InvalidModelFileException Error(string reason) => new(_file, null, reason);
}
