// A thin stand-in for Office.js: what the pages of the server ask of it, and a workbook in
// memory. As in Excel, nothing is read before load() and sync(), a protected sheet is not
// written, and an array formula is written whole or not at all.

(() => {
  const standIn = {
    functions: {},
    calculations: [],
    unsupported: [],
    workbook: { name: "Fieldbook.xlsx", sheets: [] },
  };
  globalThis.standIn = standIn;

  // The add-in's functions, as Excel calls them for a cell.
  class CustomFunctionsError extends Error {
    constructor(code, message) {
      super(message);
      this.code = code;
    }
  }

  globalThis.CustomFunctions = {
    associate: (id, call) => {
      standIn.functions[id] = call;
    },
    Error: CustomFunctionsError,
    ErrorCode: { invalidValue: "#VALUE!", notAvailable: "#N/A" },
  };

  standIn.call = async (id, args, cell = "Sheet1!A1") => {
    try {
      return { value: await standIn.functions[id](...args, { address: cell, functionName: id }) };
    } catch (error) {
      if (!(error instanceof CustomFunctionsError)) throw error;
      return { code: error.code, message: error.message };
    }
  };

  globalThis.Office = {
    onReady: async (callback) => {
      const info = { host: "Excel", platform: "PC" };
      callback?.(info);
      return info;
    },
    context: {
      requirements: {
        isSetSupported: (name, version) => !standIn.unsupported.includes(`${name} ${version}`),
      },
    },
    actions: { associate: () => {} },
  };

  // What every object of Excel does: values come with a sync, changes go with it.
  class ClientObject {
    constructor(context) {
      this.context = context;
      this.seen = {};
    }

    load(names) {
      const wanted = [names].flat().flatMap((name) => name.split(","));
      this.context.queue.push(() => wanted.forEach((name) => this.read(name.trim())));
      return this;
    }

    read(name) {
      this.seen[name] = this.current(name);
    }

    get(name) {
      if (!(name in this.seen)) throw new Error(`PropertyNotLoaded: ${name}`);
      return this.seen[name];
    }

    later(change) {
      this.context.queue.push(change);
    }
  }

  const readable = (type, names) =>
    names.forEach((name) =>
      Object.defineProperty(type.prototype, name, {
        configurable: true,
        get() {
          return this.get(name);
        },
      }),
    );

  class Range extends ClientObject {
    constructor(sheet, row, column, rows, columns) {
      super(sheet.context);
      Object.assign(this, { sheet, row, column, rows, columns });
    }

    places() {
      const places = [];
      for (let down = 0; down < this.rows; down += 1) {
        for (let across = 0; across < this.columns; across += 1) {
          places.push(`${this.row + down},${this.column + across}`);
        }
      }
      return places;
    }

    matrix(kind) {
      const cells = this.places().map((place) => this.sheet.model.cells[place]?.[kind] ?? "");
      return Array.from({ length: this.rows }, (_, row) =>
        cells.slice(row * this.columns, (row + 1) * this.columns),
      );
    }

    current(name) {
      return {
        formulas: () => this.matrix("formula"),
        values: () => this.matrix("value"),
        rowIndex: () => this.row,
        columnIndex: () => this.column,
      }[name]();
    }

    checkWritable() {
      const { model } = this.sheet;
      if (model.protected) throw new Error("AccessDenied: the sheet is protected.");
      const mine = new Set(this.places());
      for (const block of model.blocks) {
        const inside = block.filter((place) => mine.has(place)).length;
        if (inside > 0 && inside < block.length) {
          throw new Error("You can't change part of an array.");
        }
      }
      model.blocks = model.blocks.filter((block) => !mine.has(block[0]));
    }

    write(formula, place) {
      const { refuses } = this.sheet.model;
      if (refuses && formula.includes(refuses)) throw new Error("InvalidArgument");
      const value = /_xldudf_/i.test(formula) ? "#NAME?" : 4;
      this.sheet.model.cells[place] = { formula, value };
    }

    set formulas(matrix) {
      this.later(() => {
        this.checkWritable();
        const flat = matrix.flat();
        this.places().forEach((place, index) => this.write(flat[index], place));
      });
    }

    get formulas() {
      return this.get("formulas");
    }

    set formulaArray(formula) {
      this.later(() => {
        if (standIn.unsupported.includes("ExcelApiDesktop 1.1")) {
          throw new Error("ApiNotFound: formulaArray");
        }
        this.checkWritable();
        this.places().forEach((place) => this.write(formula, place));
        this.sheet.model.blocks.push(this.places());
      });
    }

    clear(what) {
      this.later(() => {
        if (what !== "Contents") throw new Error("The formats were to stay.");
        this.checkWritable();
        this.places().forEach((place) => delete this.sheet.model.cells[place]);
      });
    }
  }
  readable(Range, ["values", "rowIndex", "columnIndex"]);

  class Protection extends ClientObject {
    constructor(sheet) {
      super(sheet.context);
      this.sheet = sheet;
    }

    current(name) {
      return structuredClone(this.sheet.model[name]);
    }

    unprotect(password) {
      this.later(() => {
        const { model } = this.sheet;
        if (model.password && model.password !== password) {
          throw new Error("AccessDenied: wrong password.");
        }
        model.protected = false;
      });
    }

    protect(options) {
      this.later(() => Object.assign(this.sheet.model, { protected: true, options }));
    }
  }
  readable(Protection, ["protected", "options"]);

  class Sheet extends ClientObject {
    constructor(context, model) {
      super(context);
      this.model = model;
      this.protection = new Protection(this);
    }

    current(name) {
      return this.model[name];
    }

    getCell(row, column) {
      return new Range(this, row, column, 1, 1);
    }

    getRangeByIndexes(row, column, rows, columns) {
      return new Range(this, row, column, rows, columns);
    }

    getUsedRangeOrNullObject() {
      const places = Object.keys(this.model.cells).map((place) => place.split(",").map(Number));
      if (places.length === 0) {
        const none = new Range(this, 0, 0, 0, 0);
        none.isNullObject = true;
        return none;
      }
      const [rows, columns] = [0, 1].map((axis) => places.map((place) => place[axis]));
      const [top, left] = [Math.min(...rows), Math.min(...columns)];
      const height = Math.max(...rows) - top + 1;
      const used = new Range(this, top, left, height, Math.max(...columns) - left + 1);
      used.isNullObject = false;
      return used;
    }
  }
  readable(Sheet, ["name"]);

  class Worksheets extends ClientObject {
    read(name) {
      if (name !== "items/name") throw new Error(`not in the stand-in: ${name}`);
      this.seen.items = standIn.workbook.sheets.map((model) => {
        const sheet = new Sheet(this.context, model);
        sheet.read("name");
        return sheet;
      });
    }
  }
  readable(Worksheets, ["items"]);

  class Named extends ClientObject {
    constructor(context, values) {
      super(context);
      this.values = values;
    }

    current(name) {
      return this.values()[name];
    }
  }
  readable(Named, ["name", "shortDatePattern"]);

  class RequestContext {
    constructor() {
      this.queue = [];
      this.workbook = new Named(this, () => standIn.workbook);
      this.workbook.worksheets = new Worksheets(this);
      this.application = {
        cultureInfo: new Named(this, () => ({ name: "en-US" })),
        calculate: (kind) => this.queue.push(() => standIn.calculations.push(kind)),
      };
      this.application.cultureInfo.datetimeFormat = new Named(this, () => ({
        shortDatePattern: "m/d/yyyy",
      }));
      this.workbook.application = this.application;
    }

    async sync() {
      const queue = this.queue.splice(0);
      await null;
      // What was done before a failing step stays done, as in Excel.
      queue.forEach((step) => step());
    }
  }

  globalThis.Excel = { RequestContext, run: (batch) => batch(new RequestContext()) };
})();
